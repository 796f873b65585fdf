using System.Data.Common;
using System.Diagnostics;
using CommentFunctions.Benchmarks.Measuring;

namespace CommentFunctions.Benchmarks.Bot;

/// <summary>
/// Answers 20,000 messages with the app's bot and, in turn, with the same query prepared in plain ADO.NET and with Django's ORM, all
/// on one database; and measures the first reply of a process.
/// </summary>
internal static class BotBenchmark
{
    /// <summary>The command by which the benchmark starts itself for one store.</summary>
    public const string Command = "bot-on";

    private const string Sqlite = "sqlite";
    private const string Postgres = "postgres";
    private const int AtOnce = 500;
    private const int WarmUps = 3;

    private const string Query = """
        SELECT "CreatedAt", "Text" FROM "Comments" WHERE "UserName" = @userName AND "CreatedAt" > @cutoff
        ORDER BY "CreatedAt" DESC, "Id" DESC LIMIT 1
        """;

    /// <summary>Each store in a process of its own, as the app has one: the runtime compiles the code for what it has seen.</summary>
    public static async Task RunAsync(int rounds)
    {
        var published = Directory.CreateTempSubdirectory("bot-published-");
        try
        {
            await FirstReply.PublishAsync(published);
            await CommandLine.RunItselfAsync(Command, Sqlite, $"{rounds}", published.FullName);
            if (Server is null)
            {
                Console.WriteLine("Postgres: not measured; COMMENTS_TEST_POSTGRES names no server.");
            }
            else
            {
                await CommandLine.RunItselfAsync(Command, Postgres, $"{rounds}", published.FullName);
            }
        }
        finally
        {
            published.Delete(recursive: true);
        }
    }

    /// <summary>One store in this process.</summary>
    public static Task RunOnAsync(string store, int rounds, DirectoryInfo published) =>
        MeasureAsync(store == Sqlite ? new SqliteBotDatabase() : new PostgresBotDatabase(Server!), new FirstReply(published), rounds);

    private static string? Server => Environment.GetEnvironmentVariable("COMMENTS_TEST_POSTGRES") is { Length: > 0 } server ? server : null;

    private static async Task MeasureAsync(IBotDatabase database, FirstReply firstReply, int rounds)
    {
        await using var _ = database;
        Console.WriteLine($"{database.Store}: making {BotData.Comments:N0} comments …");
        await database.FillAsync();
        using var django = DjangoBot.Find(database);
        if (django is null)
        {
            Console.WriteLine($"{database.Store}: Django not measured; no python3 on the PATH has {database.PythonModules}.");
        }

        await MeasureRatesAsync(database, django, rounds);
        if (django is not null)
        {
            await firstReply.MeasureAsync(database, django, rounds);
        }
    }

    private static async Task MeasureRatesAsync(IBotDatabase database, DjangoBot? django, int rounds)
    {
        await using var app = await BenchApp.StartAsync(database.Store, database.ConnectionString);
        await using var connection = await database.OpenAsync();
        await using var command = Prepare(connection);
        // Until the code that counts is compiled as well as it will be, which a busy machine does late; Python compiles nothing.
        for (var i = 0; i < WarmUps; i++)
        {
            await InTurnAsync(command, app, _ => { });
        }

        var (raw, bot, site) = (new List<double>(), new List<double>(), new List<double>());
        string? expected = null;
        for (var round = 0; round < rounds; round++)
        {
            // The two in turn every few messages, and Django before them every other time: what a busy machine does to one it does to
            // the other.
            if (round % 2 == 1)
            {
                await DjangoAsync();
            }

            var (rawSeconds, botSeconds) = await InTurnAsync(command, app, Same);
            raw.Add(BotData.Messages / rawSeconds);
            bot.Add(BotData.Messages / botSeconds);
            if (round % 2 == 0)
            {
                await DjangoAsync();
            }

            Console.WriteLine($"  round {round + 1}: raw {raw[^1]:N0}/s, bot {bot[^1]:N0}/s" + (django is null ? "" : $", Django {site[^1]:N0}/s"));
        }

        Print(database, rounds, raw, bot, site);

        async Task DjangoAsync()
        {
            if (django is not null)
            {
                var (seconds, hash) = await django.AnswerAllAsync();
                Same(hash);
                site.Add(BotData.Messages / seconds);
            }
        }

        void Same(string hash)
        {
            if ((expected ??= hash) != hash)
            {
                throw new InvalidOperationException("Not all have given the same replies.");
            }
        }
    }

    private static async Task<(double Raw, double Bot)> InTurnAsync(DbCommand command, BenchApp app, Action<string> same)
    {
        var (raw, bot) = (0.0, 0.0);
        var (rawReplies, botReplies) = (new List<string>(BotData.Messages), new List<string>(BotData.Messages));
        foreach (var names in BotData.Names.Chunk(AtOnce))
        {
            Ending.Token.ThrowIfCancellationRequested();
            raw += await RawAsync(command, names, rawReplies);
            bot += await AppAsync(app, names, botReplies);
        }

        same(BotData.Hash(rawReplies));
        same(BotData.Hash(botReplies));
        return (raw, bot);
    }

    private static void Print(IBotDatabase database, int rounds, List<double> raw, List<double> bot, List<double> site)
    {
        var toRaw = Samples.Ratio(bot, raw);
        var toDjango = site.Count > 0 ? Samples.Ratio(bot, site) : null;
        string[][] rows =
        [
            ["", "replies/s", "bot's ratio to it"],
            ["the app's bot", new Samples(bot).Format("0"), "1"],
            ["plain ADO.NET, prepared", new Samples(raw).Format("0"), toRaw.Format()],
            .. toDjango is null ? Array.Empty<string[]>() : [["Django's ORM", new Samples(site).Format("0"), toDjango.Format()]],
        ];
        Table.Print($"{database.Store}: latest comment for {BotData.Messages:N0} messages, median (range) of {rounds}", rows);
        Result.Print("bot", database.Store, ("ratioToRaw", toRaw), ("ratioToDjango", toDjango));
    }

    private static async Task<double> AppAsync(BenchApp app, string[] names, List<string> replies)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var name in names)
        {
            replies.Add((await app.AnswerAsync(name)).Text);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> RawAsync(DbCommand command, string[] names, List<string> replies)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var name in names)
        {
            command.Parameters[0].Value = name;
            await using var reader = await command.ExecuteReaderAsync();
            replies.Add(await reader.ReadAsync() ? $"Last comment for {name} was {reader.GetString(1)}" : $"No comments found for user {name}");
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static DbCommand Prepare(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = Query;
        foreach (var (name, value) in new (string, object)[] { ("userName", ""), ("cutoff", BotData.Cutoff) })
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        command.Prepare();
        return command;
    }
}

using System.Globalization;
using CommentFunctions.Benchmarks.Bot;
using CommentFunctions.Benchmarks.Measuring;

namespace CommentFunctions.Benchmarks.Queue;

/// <summary>
/// Messages through the local runtime: end to end, from HTTP in to reply stored, against the tutorial's Django bot loop with as many
/// comments of as many users; and the queue file alone, against the same inserts, updates and deletes in transactions of plain ADO.NET.
/// </summary>
internal static class QueueBenchmark
{
    private const int Messages = 10_000;
    private const int WarmUps = 4;
    private const string Script = "bot_loop.py";

    public static async Task RunAsync(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("queue-django-");
        try
        {
            await EndToEndAsync(folder, [.. BotData.Names.Take(Messages)], rounds);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        await AloneAsync(rounds);
    }

    private static async Task EndToEndAsync(DirectoryInfo folder, List<string> names, int rounds)
    {
        var file = Path.Combine(folder.FullName, "messages.txt");
        await File.WriteAllLinesAsync(file, names);
        var python = Python.Find("django");
        Python.CopyScript(Script, folder);
        var (app, django) = (new List<double>(), new List<double>());
        await using var database = new SqliteBotDatabase();
        await database.FillAsync();
        await using var served = new ServedApp(database.ConnectionString);
        // Until the code is compiled as well as it will be, start-up goes on; Python compiles nothing.
        for (var i = 0; i < WarmUps; i++)
        {
            await served.AnswerAsync(names);
        }

        for (var round = 0; round < rounds; round++)
        {
            app.Add(Messages / await served.AnswerAsync(names));
            if (python is not null)
            {
                var seconds = await CommandLine.RunAsync(python, [Script, folder.FullName, $"{BotData.Users}", $"{BotData.Writers}", $"{BotData.Comments}", file], folder.FullName);
                django.Add(Messages / double.Parse(seconds, CultureInfo.InvariantCulture));
            }
        }

        var ratio = python is null ? null : Samples.Ratio(app, django);
        Table.Print(
            $"Messages per second, median (range) of {rounds}",
            ["", "messages/s", "ratio to Django's loop"],
            ["HTTP in, reply stored", new Samples(app).Format("0"), ratio?.Format() ?? "Django is not installed"],
            ["Django's loop, nothing kept", ratio is null ? "" : new Samples(django).Format("0"), "1"]);
        Result.Print("queue", "end-to-end", ("ratioToDjango", ratio));
    }

    private static async Task AloneAsync(int rounds)
    {
        var (queue, raw) = (new List<double>(), new List<double>());
        await QueueAlone.QueueAsync(Messages);
        await QueueAlone.RawAsync(Messages / 10);
        for (var round = 0; round < rounds; round++)
        {
            queue.Add(Messages / await QueueAlone.QueueAsync(Messages));
            raw.Add(Messages / await QueueAlone.RawAsync(Messages));
        }

        var ratio = Samples.Ratio(queue, raw);
        Table.Print(
            $"The queue file alone, median (range) of {rounds}",
            ["", "messages/s", "ratio to raw"],
            ["send, receive, complete", new Samples(queue).Format("0"), ratio.Format()],
            ["insert, update, delete in ADO.NET", new Samples(raw).Format("0"), "1"]);
        Result.Print("queue", "alone", ("ratioToRaw", ratio));
    }
}

using System.Diagnostics;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Benchmarks.Measuring;
using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Comments;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace CommentFunctions.Benchmarks.Cosmos;

/// <summary>
/// What the app asks of Cosmos DB: requests and request units of each operation; and a deletion of 20,000 comments of 500 users with
/// somebody posting beside it, by the throughput of the container. Charges are the server's model of the service's.
/// </summary>
internal static class CosmosBenchmark
{
    private const int Users = 500;
    private const int Each = 40;

    public static async Task RunAsync(int rounds)
    {
        if (Environment.GetEnvironmentVariable(CosmosAdmin.Variable) is not { Length: > 0 } address)
        {
            Console.WriteLine($"Cosmos: not measured; {CosmosAdmin.Variable} names no server of CommentFunctions.Tests/Data/Cosmos/Server.");
            return;
        }

        using var server = new CosmosAdmin(new(address));
        await OperationsAsync(server);
        foreach (var throughput in new[] { 1_000, 5_000 })
        {
            await DeletionAsync(server, throughput, rounds);
        }
    }

    private static async Task OperationsAsync(CosmosAdmin server)
    {
        await server.SetAsync(new { rus = 0, latency = 0 });
        await using var app = await BenchApp.StartAsync("Cosmos", server.ConnectionString, ("Comments:Database", $"bench-{Guid.NewGuid():N}"));
        List<string[]> rows = [["", "requests", "RU"]];
        await MeasureAsync("first comment of a user", () => PostAsync(app, "ann"));
        await MeasureAsync("comment of a user", () => PostAsync(app, "ann"));
        await MeasureAsync("page of 20 comments", () => app.WithAsync<CommentDbContext, object>(
            async db => await db.GetService<CommentSchema>().FindPageAsync(db, "ann", DateTimeOffset.UtcNow.AddDays(-1), null, 21, default)));
        var answer = new BotReply(new("web", "c", "c", "ann", DateTimeOffset.UtcNow), "web:1", "ann", "");
        await MeasureAsync("answer of the bot", async () => answer = await app.WithAsync<CommentBot, BotReply>(bot => bot.AnswerAsync("web:1", answer.Message, default)));
        await MeasureAsync("reply on the web", () => DeliverAsync(app, answer));
        await MeasureAsync("the same again", () => DeliverAsync(app, answer));
        await MeasureAsync("reply by a service", () => DeliverAsync(app, answer with { InReplyTo = "telegram:1" }, new Service()));
        await MeasureAsync("conversation", () => app.WithAsync<ConversationReader, object>(async reader => await reader.ReadAsync("c", default)));
        await MeasureAsync("run that finds nothing", () => app.ExpireAsync());
        Table.Print("Cosmos: an operation's requests and request units", [.. rows]);

        async Task MeasureAsync(string what, Func<Task> operation)
        {
            await server.ResetAsync();
            string[] figures;
            try
            {
                await operation();
                figures = await FiguresAsync();
            }
            catch (Exception e)
            {
                figures = [(await FiguresAsync())[0], $"fails: {e.GetBaseException().GetType().Name}"];
            }

            rows.Add([what, .. figures]);
        }

        async Task<string[]> FiguresAsync()
        {
            var (requests, units) = await server.SpentAsync();
            return [requests.ToString(CultureInfo.InvariantCulture), units.ToString("0.0", CultureInfo.InvariantCulture)];
        }
    }

    private static async Task DeletionAsync(CosmosAdmin server, int throughput, int rounds)
    {
        var (seconds, requests, p50, p99, max) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            await server.SetAsync(new { rus = 0, latency = 0 });
            await using var app = await BenchApp.StartAsync(
                "Cosmos",
                server.ConnectionString,
                ("Comments:Database", $"bench-{Guid.NewGuid():N}"),
                ("Comments:RequestUnitsPerSecond", throughput.ToString(CultureInfo.InvariantCulture)));
            await FillAsync(app);
            await server.SetAsync(new { rus = throughput, latency = 5 });
            await server.ResetAsync();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ending.Token);
            var writing = Task.Run(() => WriteAsync(app, stop.Token), CancellationToken.None);
            var start = Stopwatch.GetTimestamp();
            var run = await app.WithAsync<ExpiryJob, ExpiryRun>(job => job.RunAsync(new("by hand", TimeSpan.FromHours(1)), Ending.Token));
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await stop.CancelAsync();
            var waits = await writing;
            if (run.Deleted != Users * Each)
            {
                throw new InvalidOperationException($"{run.Deleted} comments were deleted, {run.Outcome}: {run.Error}");
            }

            var (all, _) = await server.SpentAsync("comments batch", "comments delete", "comments query");
            requests.Add(all);
            (double At50, double At99, double Longest) = (waits.Median, waits.At(0.99), waits.Max);
            p50.Add(At50);
            p99.Add(At99);
            max.Add(Longest);
        }

        Table.Print(
            $"Cosmos: deleting {Users * Each:N0} comments of {Users} users at {throughput:N0} RU/s beside 20 posts a second, median (range) of {rounds}",
            ["seconds", "requests", "post p50 ms", "p99 ms", "max ms"],
            [Format(seconds), new Samples(requests).Format("0"), Format(p50), Format(p99), Format(max)]);

        static string Format(List<double> values) => new Samples(values).Format("0.0");
    }

    // Two hours old, so that a run for what is older than one hour finds them, and what is written meanwhile stays.
    private static Task FillAsync(BenchApp app) => Parallel.ForEachAsync(Enumerable.Range(0, Users), Ending.Token, async (user, _) =>
        await app.WithAsync<CommentDbContext, int>(db =>
        {
            var old = DateTimeOffset.UtcNow.AddHours(-2);
            db.Comments.AddRange(Enumerable.Range(0, Each).Select(i => new Comment
            {
                Id = Guid.CreateVersion7(old),
                UserName = $"user{user}",
                CreatedAt = old.AddMilliseconds(i),
                Text = $"comment number {i} of {user}, as long as comments mostly are",
            }));
            return db.SaveChangesAsync();
        }));

    private static async Task<Samples> WriteAsync(BenchApp app, CancellationToken cancellationToken)
    {
        List<double> waits = [];
        var interval = TimeSpan.FromMilliseconds(50);
        var start = Stopwatch.GetTimestamp();
        for (var due = interval; !cancellationToken.IsCancellationRequested; due += interval)
        {
            var wait = due - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, CancellationToken.None);
            }

            var before = Stopwatch.GetTimestamp();
            await PostAsync(app, $"writer{waits.Count % 50}");
            waits.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        return new(waits);
    }

    private static Task<Comment> PostAsync(BenchApp app, string userName) =>
        app.WithAsync<CommentWriter, Comment>(writer => writer.PostAsync(userName, "a comment, as long as comments mostly are", default));

    private static Task<bool> DeliverAsync(BenchApp app, BotReply reply, IBotChannel? channel = null) =>
        app.WithAsync<ReplyDelivery, BotChannels, bool>(async (delivery, channels) =>
        {
            await delivery.DeliverAsync(reply, channel ?? channels.Require("web"), new(ServiceBusModelFactory.ServiceBusReceivedMessage(), DateTimeOffset.UtcNow), default);
            return true;
        });

    private sealed class Service : IBotChannel
    {
        public string Name => "service";

        public Task SendAsync(BotReply reply, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

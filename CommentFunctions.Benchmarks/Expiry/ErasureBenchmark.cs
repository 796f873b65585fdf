using System.Diagnostics;
using CommentFunctions.Benchmarks.Measuring;
using CommentFunctions.Data;
using CommentFunctions.Expiry;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>Erases a user of 100,000 comments among 1,000,000 while somebody else writes.</summary>
internal static class ErasureBenchmark
{
    private const int Comments = 100_000;

    // Any of them, all over the table.
    private static readonly string GiveToOne = $"""
        INSERT INTO "Users" ("UserName") VALUES ('erased');
        UPDATE "Comments" SET "UserName" = 'erased' WHERE "Id" IN (SELECT "Id" FROM "Comments" ORDER BY "Text", "Id" LIMIT {Comments})
        """;

    public static Task RunAsync(int rounds) => ExpiryData.OnEachAsync(database => MeasureAsync(database, rounds));

    private static async Task MeasureAsync(IExpiryDatabase database, int rounds)
    {
        await using var _ = database;
        Console.WriteLine($"{database.Store}: making {ExpiryData.Comments:N0} comments …");
        await database.FillAsync();
        List<double> seconds = [];
        List<Samples> waits = [];
        for (var round = 0; round < rounds; round++)
        {
            await database.CopyAsync();
            await using (var connection = await database.OpenAsync())
            {
                await using var give = connection.CreateCommand();
                (give.CommandText, give.CommandTimeout) = (GiveToOne, 0);
                await give.ExecuteNonQueryAsync();
            }

            seconds.Add(await EraseAsync(database, waits));
            Console.WriteLine($"  round {round + 1}: {seconds[^1]:0.00} s, longest wait {waits[^1].Max:0} ms");
        }

        var (p50, p99, max) = (new Samples(waits.Select(w => w.Median)), new Samples(waits.Select(w => w.At(0.99))), new Samples(waits.Select(w => w.Max)));
        Table.Print(
            $"{database.Store}: erasing a user of {Comments:N0} of {ExpiryData.Comments:N0} comments, median (range) of {rounds}",
            ["", "seconds", "writer p50 ms", "p99 ms", "max ms"],
            ["erasure, 100 inserts/s", new Samples(seconds).Format(), p50.Format(), p99.Format(), max.Format()]);
        new Result("erasure", database.Store.ToLowerInvariant(), WriterP99Ms: p99.Median, WriterMaxMs: max.Median).Print();
    }

    private static async Task<double> EraseAsync(IExpiryDatabase database, List<Samples> waits)
    {
        await using var app = await BenchApp.StartAsync(database.Store, database.ConnectionString);
        var writer = new ConcurrentWriter();
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() => writer.WriteAsync(database, stop.Token));
        await Task.Delay(TimeSpan.FromSeconds(1));
        var start = Stopwatch.GetTimestamp();
        var run = await app.WithAsync<ExpiryJob, ExpiryRun>(job => job.RunAsync(new("by hand") { UserName = "erased" }, CancellationToken.None));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await stop.CancelAsync();
        await writing;
        if (run.Deleted != Comments)
        {
            throw new InvalidOperationException($"{run.Deleted:N0} comments were deleted instead of {Comments:N0}.");
        }

        waits.Add(writer.Waits);
        return seconds;
    }
}

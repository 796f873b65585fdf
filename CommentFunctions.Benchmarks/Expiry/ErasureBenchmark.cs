using System.Diagnostics;
using CommentFunctions.Benchmarks.Measuring;
using CommentFunctions.Data;
using CommentFunctions.Expiry;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>Erases a user of 100,000 comments among others while somebody else writes.</summary>
internal static class ErasureBenchmark
{
    private const int Comments = 100_000;

    // Any of them, all over the table.
    private static readonly string GiveToOne = $"""
        INSERT INTO "Users" ("UserName") VALUES ('erased');
        UPDATE "Comments" SET "UserName" = 'erased' WHERE "Id" IN (SELECT "Id" FROM "Comments" ORDER BY "Text", "Id" LIMIT {Comments})
        """;

    public static Task RunAsync(int rounds, ExpiryData data) => data.OnEachAsync(database => MeasureAsync(database, data, rounds));

    private static async Task MeasureAsync(IExpiryDatabase database, ExpiryData data, int rounds)
    {
        List<double> seconds = [];
        List<Samples> waits = [];
        for (var round = 0; round < rounds; round++)
        {
            await database.CopyAsync();
            await using (var connection = await database.OpenAsync())
            {
                await using var give = connection.CreateCommand();
                (give.CommandText, give.CommandTimeout) = (GiveToOne, 0);
                await give.ExecuteNonQueryAsync(Ending.Token);
            }

            seconds.Add(await EraseAsync(database, waits));
            Console.WriteLine($"  round {round + 1}: {seconds[^1]:0.00} s, longest wait {waits[^1].Max:0} ms");
        }

        var (p50, p99, max) = (new Samples(waits.Select(w => w.Median)), new Samples(waits.Select(w => w.At(0.99))), new Samples(waits.Select(w => w.Max)));
        Table.Print(
            $"{database.Store}: erasing a user of {Comments:N0} of {data.Comments:N0} comments, median (range) of {rounds}",
            ["", "seconds", "writer p50 ms", "p99 ms", "max ms"],
            ["erasure, 100 inserts/s", new Samples(seconds).Format(), p50.Format(), p99.Format(), max.Format()]);
        Result.Print("erasure", database.Store, ("seconds", new(seconds)), ("writerP99Ms", p99), ("writerMaxMs", max));
    }

    private static async Task<double> EraseAsync(IExpiryDatabase database, List<Samples> waits)
    {
        await using var app = await BenchApp.StartAsync(database.Store, database.ConnectionString);
        var ((run, seconds), written) = await ConcurrentWriter.BesideAsync(database, async () =>
        {
            var start = Stopwatch.GetTimestamp();
            var run = await app.WithAsync<ExpiryJob, ExpiryRun>(job => job.RunAsync(new("by hand") { UserName = "erased" }, Ending.Token));
            return (run, Stopwatch.GetElapsedTime(start).TotalSeconds);
        });
        if (run.Deleted != Comments)
        {
            throw new InvalidOperationException($"{run.Deleted:N0} comments were deleted instead of {Comments:N0}.");
        }

        waits.Add(written);
        return seconds;
    }
}

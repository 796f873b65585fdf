using System.Diagnostics;
using CommentFunctions.Benchmarks.Measuring;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>
/// Deletes 900,000 of 1,000,000 comments with the app's expiry job and, in turn, with one plain DELETE statement on an identical
/// copy; then with the job again while somebody writes.
/// </summary>
internal static class ExpiryBenchmark
{
    public static Task RunAsync(int rounds) => ExpiryData.OnEachAsync(database => MeasureAsync(database, rounds));

    private static async Task MeasureAsync(IExpiryDatabase database, int rounds)
    {
        await using var _ = database;
        Console.WriteLine($"{database.Store}: making {ExpiryData.Comments:N0} comments …");
        await database.FillAsync();
        // Compiling the code, and the first connection, are not what is measured.
        await database.CopyAsync();
        await JobAsync(database);
        var (raw, job, together) = (new List<double>(), new List<double>(), new List<double>());
        var waits = new List<Samples>();
        for (var round = 0; round < rounds; round++)
        {
            // In turn, and each first every other time: what a busy machine does to one it does to the other.
            var order = round % 2 == 0 ? new[] { raw, job, together } : [together, job, raw];
            foreach (var which in order)
            {
                await database.CopyAsync();
                which.Add(which == raw ? await RawAsync(database) : which == job ? await JobAsync(database) : await JobWithWriterAsync(database, waits));
            }

            Console.WriteLine($"  round {round + 1}: raw {raw[^1]:0.00} s, job {job[^1]:0.00} s, job with a writer {together[^1]:0.00} s");
        }

        var (ratio, loaded) = (Samples.Ratio(job, raw), Samples.Ratio(together, raw));
        var (p50, p99, max) = (new Samples(waits.Select(w => w.Median)), new Samples(waits.Select(w => w.At(0.99))), new Samples(waits.Select(w => w.Max)));
        Table.Print(
            $"{database.Store}: deleting {ExpiryData.Expired:N0} of {ExpiryData.Comments:N0} comments, median (range) of {rounds}",
            ["", "seconds", "ratio to raw", "writer p50 ms", "p99 ms", "max ms"],
            ["one raw DELETE", new Samples(raw).Format(), "1", "", "", ""],
            ["expiry job", new Samples(job).Format(), ratio.Format(), "", "", ""],
            ["expiry job, 100 inserts/s", new Samples(together).Format(), loaded.Format(), p50.Format(), p99.Format(), max.Format()]);
        var name = database.Store.ToLowerInvariant();
        if (database.Store == "Sqlite")
        {
            new Result("expiry", name, RatioToRaw: ratio.Median).Print();
            new Result("expiry", "sqlite-writer", RatioToRaw: loaded.Median, WriterP99Ms: p99.Median, WriterMaxMs: max.Median).Print();
        }
        else
        {
            new Result("expiry", name, RatioToRaw: ratio.Median, WriterP99Ms: p99.Median, WriterMaxMs: max.Median).Print();
        }
    }

    private static async Task<double> RawAsync(IExpiryDatabase database)
    {
        await using var connection = await database.OpenAsync();
        await using var delete = connection.CreateCommand();
        delete.CommandText = database.RawDelete;
        delete.CommandTimeout = 0;
        var cutoff = delete.CreateParameter();
        (cutoff.ParameterName, cutoff.Value) = ("cutoff", ExpiryData.Cutoff);
        delete.Parameters.Add(cutoff);
        var start = Stopwatch.GetTimestamp();
        Check(await delete.ExecuteNonQueryAsync());
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> JobAsync(IExpiryDatabase database)
    {
        await using var app = await BenchApp.StartAsync(database.Store, database.ConnectionString);
        var start = Stopwatch.GetTimestamp();
        Check((await app.ExpireAsync()).Deleted);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> JobWithWriterAsync(IExpiryDatabase database, List<Samples> waits)
    {
        var writer = new ConcurrentWriter();
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() => writer.WriteAsync(database, stop.Token));
        await Task.Delay(TimeSpan.FromSeconds(1));
        var seconds = await JobAsync(database);
        await stop.CancelAsync();
        await writing;
        waits.Add(writer.Waits);
        return seconds;
    }

    private static void Check(long deleted)
    {
        if (deleted != ExpiryData.Expired)
        {
            throw new InvalidOperationException($"{deleted:N0} comments were deleted instead of {ExpiryData.Expired:N0}.");
        }
    }
}

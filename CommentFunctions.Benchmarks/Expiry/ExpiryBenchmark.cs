using System.Diagnostics;
using CommentFunctions.Benchmarks.Measuring;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>
/// Deletes nine tenths of the comments with the app's expiry job and, in turn, with one plain DELETE statement on an identical
/// copy; then with the job again while somebody writes.
/// </summary>
internal static class ExpiryBenchmark
{
    public static Task RunAsync(int rounds, ExpiryData data) => data.OnEachAsync(database => MeasureAsync(database, data, rounds));

    private static async Task MeasureAsync(IExpiryDatabase database, ExpiryData data, int rounds)
    {
        // Compiling the code, and the first connection, are not what is measured.
        await database.CopyAsync();
        await JobAsync(database, data);
        var (raw, job, together) = (new List<double>(), new List<double>(), new List<double>());
        var waits = new List<Samples>();
        for (var round = 0; round < rounds; round++)
        {
            // In turn, and each first every other time: what a busy machine does to one it does to the other.
            var order = round % 2 == 0 ? new[] { raw, job, together } : [together, job, raw];
            foreach (var which in order)
            {
                await database.CopyAsync();
                which.Add(which == raw ? await RawAsync(database, data) : which == job ? await JobAsync(database, data) : await JobWithWriterAsync(database, data, waits));
            }

            Console.WriteLine($"  round {round + 1}: raw {raw[^1]:0.00} s, job {job[^1]:0.00} s, job with a writer {together[^1]:0.00} s");
        }

        var (ratio, loaded) = (Samples.Ratio(job, raw), Samples.Ratio(together, raw));
        var (p50, p99, max) = (new Samples(waits.Select(w => w.Median)), new Samples(waits.Select(w => w.At(0.99))), new Samples(waits.Select(w => w.Max)));
        Table.Print(
            $"{database.Store}: deleting {data.Expired:N0} of {data.Comments:N0} comments, median (range) of {rounds}",
            ["", "seconds", "ratio to raw", "writer p50 ms", "p99 ms", "max ms"],
            ["one raw DELETE", new Samples(raw).Format(), "1", "", "", ""],
            ["expiry job", new Samples(job).Format(), ratio.Format(), "", "", ""],
            ["expiry job, 100 inserts/s", new Samples(together).Format(), loaded.Format(), p50.Format(), p99.Format(), max.Format()]);
        (string, Samples?)[] alone = [("seconds", new(job)), ("ratioToRaw", ratio)];
        (string, Samples?)[] beside = [("writerP99Ms", p99), ("writerMaxMs", max)];
        if (database.Store == "Sqlite")
        {
            Result.Print("expiry", database.Store, alone);
            Result.Print("expiry", "sqlite-writer", [("seconds", new(together)), ("ratioToRaw", loaded), .. beside]);
        }
        else
        {
            Result.Print("expiry", database.Store, [.. alone, .. beside]);
        }
    }

    private static async Task<double> RawAsync(IExpiryDatabase database, ExpiryData data)
    {
        await using var connection = await database.OpenAsync();
        await using var delete = connection.CreateCommand();
        delete.CommandText = database.RawDelete;
        delete.CommandTimeout = 0;
        var cutoff = delete.CreateParameter();
        (cutoff.ParameterName, cutoff.Value) = ("cutoff", ExpiryData.Cutoff);
        delete.Parameters.Add(cutoff);
        var start = Stopwatch.GetTimestamp();
        Check(await delete.ExecuteNonQueryAsync(Ending.Token), data);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> JobAsync(IExpiryDatabase database, ExpiryData data)
    {
        await using var app = await BenchApp.StartAsync(database.Store, database.ConnectionString);
        var start = Stopwatch.GetTimestamp();
        Check((await app.ExpireAsync()).Deleted, data);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> JobWithWriterAsync(IExpiryDatabase database, ExpiryData data, List<Samples> waits)
    {
        var (seconds, written) = await ConcurrentWriter.BesideAsync(database, () => JobAsync(database, data));
        waits.Add(written);
        return seconds;
    }

    private static void Check(long deleted, ExpiryData data)
    {
        if (deleted != data.Expired)
        {
            throw new InvalidOperationException($"{deleted:N0} comments were deleted instead of {data.Expired:N0}.");
        }
    }
}

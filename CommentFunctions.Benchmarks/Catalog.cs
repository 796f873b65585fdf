using System.Globalization;
using CommentFunctions.Benchmarks.Bot;
using CommentFunctions.Benchmarks.Cosmos;
using CommentFunctions.Benchmarks.Expiry;
using CommentFunctions.Benchmarks.Flood;
using CommentFunctions.Benchmarks.Queue;
using CommentFunctions.Benchmarks.Start;

namespace CommentFunctions.Benchmarks;

/// <summary>The benchmarks by name.</summary>
internal static class Catalog
{
    private const int Rounds = 5;
    private const string RowsOption = "--rows";

    // Fewer would leave no time to measure.
    private const long FewestRows = 100_000;

    private static readonly Dictionary<string, Func<int, Task>> All = new()
    {
        ["site"] = SiteBenchmark.RunAsync,
        ["bot"] = BotBenchmark.RunAsync,
        ["start"] = WorkerStart.RunAsync,
        ["queue"] = QueueBenchmark.RunAsync,
        ["flood"] = FloodBenchmark.RunAsync,
        ["cosmos"] = CosmosBenchmark.RunAsync,
    };

    /// <summary>Those that take a number of comments.</summary>
    private static readonly Dictionary<string, Func<int, ExpiryData, Task>> OfRows = new()
    {
        ["expiry"] = ExpiryBenchmark.RunAsync,
        ["erasure"] = ErasureBenchmark.RunAsync,
    };

    public static string Usage =>
        $"Usage: dotnet run -c Release --project CommentFunctions.Benchmarks -- {string.Join('|', OfRows.Keys)} [rounds] [{RowsOption} {FewestRows} or more]\n"
            + $"       dotnet run -c Release --project CommentFunctions.Benchmarks -- {string.Join('|', All.Keys)} [rounds]";

    /// <summary>The benchmark that the arguments name, with its rounds and rows; null where they name none.</summary>
    public static Func<Task>? Find(string[] arguments)
    {
        var (known, rows) = (true, ExpiryData.UsualComments);
        if (arguments is [.. var before, RowsOption, var number])
        {
            known = long.TryParse(number, CultureInfo.InvariantCulture, out rows) && rows >= FewestRows && OfRows.ContainsKey(before.FirstOrDefault(""));
            arguments = before;
        }

        var rounds = Rounds;
        known &= arguments is [_] || (arguments is [_, var times] && int.TryParse(times, CultureInfo.InvariantCulture, out rounds) && rounds > 0);
        return !known ? null
            : OfRows.TryGetValue(arguments[0], out var ofRows) ? () => ofRows(rounds, new(rows))
            : All.TryGetValue(arguments[0], out var run) ? () => run(rounds)
            : null;
    }
}

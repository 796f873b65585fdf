using CommentFunctions.Benchmarks.Bot;
using CommentFunctions.Benchmarks.Cosmos;
using CommentFunctions.Benchmarks.Expiry;
using CommentFunctions.Benchmarks.Flood;
using CommentFunctions.Benchmarks.Queue;

namespace CommentFunctions.Benchmarks;

/// <summary>The benchmarks by name; each takes the number of rounds.</summary>
internal static class Catalog
{
    public static Dictionary<string, Func<int, Task>> All { get; } = new()
    {
        ["expiry"] = ExpiryBenchmark.RunAsync,
        ["erasure"] = ErasureBenchmark.RunAsync,
        ["site"] = SiteBenchmark.RunAsync,
        ["bot"] = BotBenchmark.RunAsync,
        ["queue"] = QueueBenchmark.RunAsync,
        ["flood"] = FloodBenchmark.RunAsync,
        ["cosmos"] = CosmosBenchmark.RunAsync,
    };
}

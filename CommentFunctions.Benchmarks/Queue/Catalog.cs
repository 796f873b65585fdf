using CommentFunctions.Benchmarks.Queue;

namespace CommentFunctions.Benchmarks;

/// <summary>What only the local host has.</summary>
internal static partial class Catalog
{
    static partial void AddLocal(Dictionary<string, Func<int, Task>> benchmarks) => benchmarks.Add("queue", QueueBenchmark.RunAsync);
}

using CommentFunctions.Benchmarks.Bot;
using CommentFunctions.Benchmarks.Expiry;

namespace CommentFunctions.Benchmarks;

/// <summary>The benchmarks by name; each takes the number of rounds.</summary>
internal static partial class Catalog
{
    public static Dictionary<string, Func<int, Task>> All { get; } = Make();

    private static Dictionary<string, Func<int, Task>> Make()
    {
        var benchmarks = new Dictionary<string, Func<int, Task>> { ["expiry"] = ExpiryBenchmark.RunAsync, ["bot"] = BotBenchmark.RunAsync };
        AddLocal(benchmarks);
        return benchmarks;
    }

    /// <summary>Adds what the queue of the local runtime is needed for; nothing under the other host.</summary>
    static partial void AddLocal(Dictionary<string, Func<int, Task>> benchmarks);
}

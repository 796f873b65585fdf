using CommentFunctions.Tests.Channels;
using CommentFunctions.Tests.Data.Cosmos;
using CommentFunctions.Tests.EndToEnd;
using CommentFunctions.Tests.EndToEnd.Page;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Health;
using CommentFunctions.Tests.Infra;
using CommentFunctions.Tests.LocalRuntime.Hosting;
using CommentFunctions.Tests.LocalRuntime.Queues;
using CommentFunctions.Tests.LocalRuntime.Timers;
using CommentFunctions.Tests.Support;
using CommentFunctions.Tests.Telemetry;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("CommentFunctions.Tests.Support." + nameof(LongestFirst), "CommentFunctions.Tests")]

namespace CommentFunctions.Tests.Support;

/// <summary>
/// What takes long begins first, so that no processor waits for it at the end: the page in its one browser, then the classes whose tests take longest
/// one after another, then those that wait, then the other processes, then what takes a moment each.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] Longest =
    [
        typeof(ChannelTests), typeof(SignalPollingTests), typeof(TelegramPollingTests), typeof(SignalSocketTests),
        typeof(SqliteStoppedDeletionTests), typeof(PostgresStoppedDeletionTests), typeof(DeadLetterTests), typeof(CommandTests), typeof(CrashTests),
    ];

    // One test after the other, of which some let seconds pass: behind the rest they would leave the processors idle.
    private static readonly Type[] Waiting =
    [
        typeof(RuntimeFileStartTests), typeof(Data.StartTests), typeof(CosmosDeletionTests), typeof(GetHealthTests), typeof(ShellFunctionKeysTests), typeof(MetricsTests),
        typeof(QueueListenerTests), typeof(TimerOverlapTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(Rank);

    private static int Rank(ITestCollection collection) => collection.DisplayName switch
    {
        PageGroup.Name => 0,
        var name when IsOf(Longest, name) => 1,
        var name when IsOf(Waiting, name) => 2,
        RunningAppGroup.Name => 3,
        var name when name.Contains("." + nameof(EndToEnd) + ".", StringComparison.Ordinal) => 3,
        _ => 4,
    };

    private static bool IsOf(Type[] types, string name) => Array.Exists(types, type => name.EndsWith(type.FullName!, StringComparison.Ordinal));
}

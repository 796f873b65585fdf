using CommentFunctions.Tests.Channels;
using CommentFunctions.Tests.EndToEnd;
using CommentFunctions.Tests.EndToEnd.Page;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Support;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("CommentFunctions.Tests.Support." + nameof(LongestFirst), "CommentFunctions.Tests")]

namespace CommentFunctions.Tests.Support;

/// <summary>
/// What takes long begins first, so that no processor waits for it at the end: the page in its one browser, then the classes whose tests take longest
/// one after another, then the other processes, then what takes a moment each.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] Longest =
    [
        typeof(ChannelTests), typeof(SignalPollingTests), typeof(TelegramPollingTests), typeof(SignalSocketTests),
        typeof(SqliteStoppedDeletionTests), typeof(PostgresStoppedDeletionTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(Rank);

    private static int Rank(ITestCollection collection) => collection.DisplayName switch
    {
        PageGroup.Name => 0,
        var name when Longest.Any(type => name.EndsWith(type.FullName!, StringComparison.Ordinal)) => 1,
        RunningAppGroup.Name => 2,
        var name when name.Contains("." + nameof(EndToEnd) + ".", StringComparison.Ordinal) => 2,
        _ => 3,
    };
}

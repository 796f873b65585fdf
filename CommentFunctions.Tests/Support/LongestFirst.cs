using CommentFunctions.Tests.EndToEnd.Page;
using CommentFunctions.Tests.Support;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("CommentFunctions.Tests.Support." + nameof(LongestFirst), "CommentFunctions.Tests")]

namespace CommentFunctions.Tests.Support;

/// <summary>What takes long begins first, so that no processor waits for it at the end: the page in its one browser, then processes, then stores.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(Rank);

    private static int Rank(ITestCollection collection) => collection.DisplayName switch
    {
        PageGroup.Name => 0,
        var name when name.Contains("StoppedDeletion", StringComparison.Ordinal) => 1,
        _ => 2,
    };
}

using CommentFunctions.Tests.EndToEnd.Page.Support;

namespace CommentFunctions.Tests.EndToEnd.Page;

/// <summary>The tests of the page share one browser, and run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class PageGroup : ICollectionFixture<Browser>
{
    public const string Name = "Page";
}

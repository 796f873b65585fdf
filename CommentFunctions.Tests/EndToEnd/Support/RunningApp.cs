namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>The tests of this collection share one app that has no settings of its own, and run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class RunningAppGroup : ICollectionFixture<RunningApp>
{
    public const string Name = "Running app";
}

/// <summary>
/// An app for tests that change none of its settings and leave it healthy, with no dead letter: a start takes longer than most of them. Each uses
/// names of its own for users and conversations.
/// </summary>
public sealed class RunningApp : IAsyncLifetime
{
    /// <summary>A file of the page that was changed since it was built.</summary>
    internal const string ChangedFile = "style.css";

    internal AppFolder Folder { get; } = new();

    internal AppProcess App { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Folder.PageSource(ChangedFile), "/* changed */");
        App = await AppProcess.ServeAsync(Folder);
    }

    public async Task DisposeAsync()
    {
        await App.DisposeAsync();
        Folder.Dispose();
    }
}

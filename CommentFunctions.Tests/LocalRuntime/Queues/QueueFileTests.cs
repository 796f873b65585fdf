using CommentFunctions.Tests.LocalRuntime.Support;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

/// <summary>Tests on a queue file of their own. (xunit 2 knows no IAsyncDisposable.)</summary>
public abstract class QueueFileTests : IAsyncLifetime
{
    private protected QueueFile Queue { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Queue.DisposeAsync().AsTask();
}

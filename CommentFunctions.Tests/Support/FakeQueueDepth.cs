using CommentFunctions.Health;

namespace CommentFunctions.Tests.Support;

public sealed class FakeQueueDepth : IQueueDepth
{
    public QueueDepth? Depth { get; set; } = new(0, 0, 0);

    public Exception? Failure { get; set; }

    public Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken) =>
        Failure is null ? Task.FromResult(Depth) : Task.FromException<QueueDepth?>(Failure);
}

using CommentFunctions.Queues;

namespace CommentFunctions.Tests.Support;

public sealed class FakeQueueStatus : IQueueStatus
{
    private int asked;

    public QueueDepth? Depth { get; set; } = new(0, 0, 0, TimeSpan.Zero);

    public Exception? Failure { get; set; }

    /// <summary>What each answer waits for.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    /// <summary>How often it was asked.</summary>
    public int Asked => asked;

    public async Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref asked);
        await Ready;
        return Failure is null ? Depth : throw Failure;
    }

    public Task<TimeSpan?> FindOldestAgeAsync(string queue, CancellationToken cancellationToken) => Task.FromResult<TimeSpan?>(null);
}

using CommentFunctions.Health;

namespace CommentFunctions.Hosts;

/// <summary>Counting the messages of a Service Bus queue takes the right to manage it, which the app does not have; Azure's metrics tell.</summary>
public sealed class UnknownQueueDepth : IQueueDepth
{
    /// <inheritdoc/>
    public Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken) => Task.FromResult<QueueDepth?>(null);
}

using CommentFunctions.Health;
using Functions.LocalRuntime.Queues;

namespace CommentFunctions.Hosts;

/// <summary>The depth of the local runtime's queues.</summary>
public sealed class LocalQueueDepth(ILocalQueues queues) : IQueueDepth
{
    /// <inheritdoc/>
    public async Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken)
    {
        var counts = await queues.CountAsync(queue, cancellationToken);
        return new(counts.Active, counts.Scheduled, counts.DeadLettered);
    }
}

namespace CommentFunctions.Health;

/// <summary>How many messages wait in a queue, where the host can tell.</summary>
public interface IQueueDepth
{
    /// <summary>The depth of this queue; null where it is not known.</summary>
    Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>The messages of one queue.</summary>
/// <param name="Active">To be delivered now.</param>
/// <param name="Scheduled">To be delivered later.</param>
/// <param name="DeadLettered">Given up on, with a reason each.</param>
public sealed record QueueDepth(long Active, long Scheduled, long DeadLettered);

namespace CommentFunctions.Queues;

/// <summary>What waits in a queue, where the host can tell.</summary>
public interface IQueueStatus
{
    /// <summary>How many messages wait in this queue; null where it is not known.</summary>
    /// <exception cref="QueueUnavailableException">The queue cannot take or give messages now.</exception>
    Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken);

    /// <summary>The age of the oldest message that is to be delivered now; zero where there is none, null where it is not known.</summary>
    Task<TimeSpan?> FindOldestAgeAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>The messages of one queue.</summary>
/// <param name="Active">To be delivered now.</param>
/// <param name="Scheduled">To be delivered later.</param>
/// <param name="DeadLettered">Given up on, with a reason each.</param>
public sealed record QueueDepth(long Active, long Scheduled, long DeadLettered);

/// <summary>A queue cannot take or give messages now.</summary>
/// <param name="problem">Why, as a clause for everybody to read: it names no address and quotes no message.</param>
/// <param name="inner">The failure.</param>
public sealed class QueueUnavailableException(string problem, Exception inner) : Exception(problem, inner);

namespace Functions.LocalRuntime.Queues;

/// <summary>A look at the local queues, for health checks and tools.</summary>
public interface ILocalQueues
{
    /// <summary>How many messages the queue keeps; zeros for a queue that nothing was sent to yet.</summary>
    Task<QueueCounts> CountAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Writes to the queues' file what means nothing, to see whether it takes it.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The file cannot be written.</exception>
    /// <exception cref="IOException">The file was deleted.</exception>
    Task CheckWritableAsync(CancellationToken cancellationToken = default);

    /// <summary>Since when the message that has waited longest could have been delivered; null where none waits.</summary>
    Task<DateTimeOffset?> OldestAsync(string queue, CancellationToken cancellationToken = default);
}

/// <summary>The messages of one queue.</summary>
/// <param name="Active">To be delivered now, those being worked on included.</param>
/// <param name="Scheduled">To be delivered later.</param>
/// <param name="DeadLettered">Given up on, with a reason each.</param>
public record QueueCounts(long Active, long Scheduled, long DeadLettered);

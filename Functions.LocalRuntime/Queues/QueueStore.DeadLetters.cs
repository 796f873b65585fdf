using Azure.Messaging.ServiceBus;

namespace Functions.LocalRuntime.Queues;

// The dead-letter sub-queue. Its messages are received under a lock like any others, but never expire and are delivered as often as
// they are asked for. Completing, abandoning and renewing are the same as in the queue itself.
internal sealed partial class QueueStore
{
    // A message that nobody holds has no token; a peeked one would lack it.
    private static readonly string PeekedColumns = Columns.Replace("lock_token", "'" + Guid.Empty.ToString("N") + "'", StringComparison.Ordinal);

    /// <summary>The dead letters from this sequence number on, locked ones included; nothing is changed.</summary>
    public Task<List<ServiceBusReceivedMessage>> PeekDeadLettersAsync(string queue, long from, int count) => file.RunAsync(connection =>
        connection.Query(
            $"SELECT {PeekedColumns} FROM messages WHERE queue = $1 AND state = 1 AND sequence >= $2 ORDER BY sequence LIMIT $3",
            Read, queue, from, count), toDisk: false);

    /// <summary>Locks and returns at most <paramref name="count"/> dead letters, the oldest first.</summary>
    public Task<List<ServiceBusReceivedMessage>> ReceiveDeadLettersAsync(string queue, int count) => file.RunAsync(connection =>
    {
        var now = Now;
        var messages = connection.Query(
            $"""
            UPDATE messages SET lock_token = lower(hex(randomblob(16))), available_at = $3, delivery_count = delivery_count + 1
            WHERE sequence IN (SELECT sequence FROM messages WHERE queue = $1 AND state = 1 AND available_at <= $2 ORDER BY sequence LIMIT $4)
            RETURNING {Columns}
            """,
            Read, queue, now, now + Milliseconds(options.LockDuration), count);
        messages.Sort((a, b) => a.SequenceNumber.CompareTo(b.SequenceNumber));
        return messages;
    }, toDisk: false);
}

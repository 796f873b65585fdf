using Azure.Messaging.ServiceBus;

namespace Functions.LocalRuntime.Queues;

// The dead-letter sub-queue. Its messages are received under a lock like any others, but never expire and are delivered as often as
// they are asked for. Completing, abandoning and renewing are the same as in the queue itself.
internal sealed partial class QueueStore
{
    // To read a message is to receive it, which counts as a delivery; to look at one is not.
    private static readonly string PeekedColumns = Columns.Replace("delivery_count", "delivery_count - 1", StringComparison.Ordinal);

    /// <summary>The dead letters from this sequence number on, locked ones included; nothing is changed, and their lock tokens hold nothing.</summary>
    public Task<List<ServiceBusReceivedMessage>> PeekDeadLettersAsync(string queue, long from, int count) => file.RunAsync(connection =>
        connection.Query(
            $"SELECT {PeekedColumns} FROM messages WHERE queue = $1 AND state = 1 AND sequence >= $2 ORDER BY sequence LIMIT $3",
            row => Read(row, 0), queue, from, count), toDisk: false);

    /// <summary>Locks and returns at most <paramref name="count"/> dead letters, the oldest first.</summary>
    public Task<List<ServiceBusReceivedMessage>> ReceiveDeadLettersAsync(string queue, int count) => file.RunAsync(connection =>
    {
        var now = Now;
        var lockedUntil = now + Milliseconds(options.LockDuration);
        var messages = connection.Query(
            $"SELECT {Columns} FROM messages WHERE queue = $1 AND state = 1 AND available_at <= $2 ORDER BY sequence LIMIT $3",
            row => Read(row, lockedUntil), queue, now, count);
        messages.ForEach(message => Lock(connection, message, lockedUntil));
        return messages;
    }, toDisk: false);
}

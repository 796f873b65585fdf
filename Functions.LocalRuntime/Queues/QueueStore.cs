using System.Collections.Concurrent;
using System.Diagnostics;
using Functions.LocalRuntime.Settings;
using Functions.LocalRuntime.Storage;
using Microsoft.Data.Sqlite;

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

/// <summary>
/// Queues with Service Bus's contract: peek-lock, delivery count, dead-letter sub-queue, scheduled enqueue, time to live, duplicate
/// detection by MessageId. Times in the file are Unix milliseconds. What a function dead-letters is the function's to report; what the
/// queue dead-letters by itself is told to <paramref name="log"/>.
/// </summary>
internal sealed class QueueStore(RuntimeFile file, LocalRuntimeOptions options, TimeProvider clock, DeadLetterLog? log = null) : ILocalQueues
{
    private const string Columns =
        "sequence, message_id, body, content_type, correlation_id, subject, properties, enqueued_at, expires_at, delivery_count";

    // The heads of the two parts of the index that waiting messages are in: what came at once, and what was scheduled and is due.
    internal const string OldestQuery = """
        SELECT min(enqueued_at) FROM (
            SELECT * FROM (SELECT enqueued_at FROM messages
                WHERE queue = $1 AND state = 0 AND available_at = 0 ORDER BY sequence LIMIT 1)
            UNION ALL
            SELECT * FROM (SELECT enqueued_at FROM messages
                WHERE queue = $1 AND state = 0 AND available_at > 0 AND available_at <= $2 ORDER BY available_at LIMIT 1))
        """;

    // The end of each statement that needs a message's lock; its own values begin at $4.
    private const string IfHeld = " WHERE sequence = $1 AND lock_token = $2 AND available_at > $3";

    // To read a message is to receive it, which counts as a delivery; to look at one is not.
    private static readonly string PeekedColumns = Columns.Replace("delivery_count", "delivery_count - 1", StringComparison.Ordinal);

    private readonly string waitingQuery = $"""
        SELECT {Columns} FROM messages
        WHERE queue = $1 AND state = 0 AND available_at <= $2 AND expires_at > $2 AND delivery_count < {options.MaxDeliveryCount}
        ORDER BY available_at, sequence LIMIT $3
        """;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> arrivals = new();

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Ends when this process put something into the queue that may be delivered at once, or after <paramref name="timeout"/>.</summary>
    public Task WaitForArrivalAsync(string queue, TimeSpan timeout, CancellationToken cancellationToken) =>
        Arrivals(queue).WaitAsync(timeout, cancellationToken);

    /// <summary>Wakes one waiter, or the next one at once. Two calls at a time may wake it twice, which costs a look into the queue.</summary>
    public void Wake(string queue)
    {
        if (Arrivals(queue) is { CurrentCount: 0 } arrival)
        {
            arrival.Release();
        }
    }

    /// <summary>Keeps the messages, all or none; those whose MessageId the queue has seen within the window are dropped.</summary>
    /// <exception cref="System.Runtime.Serialization.SerializationException">A message has a property that none can carry.</exception>
    public async Task SendAsync(string queue, IEnumerable<ServiceBusMessage> messages)
    {
        // Off the file's one writer, which all others wait for.
        var written = messages.Select(message => (Message: message, Body: message.Body.ToArray(), Properties: WriteProperties(message))).ToList();
        await file.RunAsync(connection =>
        {
            written.ForEach(message => Insert(connection, queue, message.Message, message.Body, message.Properties));
            return true;
        });
        Wake(queue);
    }

    /// <summary>Locks and returns at most <paramref name="count"/> messages, the longest waiting first.</summary>
    public Task<List<ServiceBusReceivedMessage>> ReceiveAsync(string queue, int count) => LockAsync(waitingQuery, queue, count);

    /// <summary>Removes a message; false when the lock is lost.</summary>
    public Task<bool> CompleteAsync(ServiceBusReceivedMessage message) =>
        file.RunAsync(connection => ChangeHeld(connection, message, "DELETE FROM messages" + IfHeld), toDisk: false);

    /// <summary>Gives a message back, or dead-letters it when it was delivered too often; false when the lock is lost.</summary>
    public async Task<bool> AbandonAsync(string queue, ServiceBusReceivedMessage message, string? properties = null)
    {
        var (held, letters) = await file.RunAsync(connection => (
            ChangeHeld(
                connection, message, "UPDATE messages SET lock_token = NULL, available_at = 0, properties = coalesce($4, properties)" + IfHeld, properties),
            DeadLetterExhausted(connection, "sequence = $1", message.SequenceNumber)));
        log?.Report(letters);
        Wake(queue);
        return held;
    }

    /// <summary>Moves a message to the dead-letter sub-queue; false when the lock is lost.</summary>
    public Task<bool> DeadLetterAsync(ServiceBusReceivedMessage message, string properties) => SetAsideAsync(message, 1, properties);

    /// <summary>Keeps a message out of delivery; false when the lock is lost.</summary>
    public Task<bool> DeferAsync(ServiceBusReceivedMessage message, string? properties) => SetAsideAsync(message, 2, properties);

    /// <summary>Holds messages for another lock duration; returns those whose lock is lost.</summary>
    public Task<List<ServiceBusReceivedMessage>> RenewAsync(IReadOnlyCollection<ServiceBusReceivedMessage> messages) =>
        file.RunAsync(connection => messages.Where(message => !ChangeHeld(
            connection, message, "UPDATE messages SET available_at = $4" + IfHeld, Now + Milliseconds(options.LockDuration))).ToList());

    /// <summary>
    /// Unlocks what a process that is gone had locked. Only for the process that owns the state folder: there is no other receiver.
    /// The deliveries count; a message that takes the process down with it ends in the dead-letter sub-queue.
    /// </summary>
    public Task ReleaseLocksAsync() => file.RunAsync(connection =>
        connection.Execute("UPDATE messages SET lock_token = NULL, available_at = 0 WHERE state = 0 AND lock_token IS NOT NULL"));

    /// <summary>Dead-letters what has expired or was delivered too often, and forgets MessageIds after the window.</summary>
    public async Task SweepAsync()
    {
        var letters = await file.RunAsync(connection =>
        {
            var now = Now;
            var exhausted = DeadLetterExhausted(connection, "$1 = 0", 0);
            var expired = DeadLetter(connection, "expires_at <= $1", now, "TTLExpiredException", "The message expired before it was completed.");
            connection.Execute("DELETE FROM seen WHERE until <= $1", now);
            return exhausted.Concat(expired);
        });
        log?.Report(letters);
    }

    /// <remarks>A health check comes while there is much to do: what can be is counted in the index, and only what is locked or scheduled is read.</remarks>
    public Task<QueueCounts> CountAsync(string queue, CancellationToken cancellationToken = default) => file.RunAsync(connection =>
        connection.Query(
            """
            SELECT (SELECT count(*) FROM messages WHERE queue = $1 AND state = 0 AND available_at <= $2)
                     + (SELECT count(*) FROM messages WHERE queue = $1 AND state = 0 AND available_at > $2 AND lock_token IS NOT NULL),
                   (SELECT count(*) FROM messages WHERE queue = $1 AND state = 0 AND available_at > $2 AND lock_token IS NULL),
                   (SELECT count(*) FROM messages WHERE queue = $1 AND state = 1)
            """,
            row => new QueueCounts(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), queue, Now).Single(), toDisk: false);

    /// <remarks>The next sweep removes the row. It changes each time: SQLite does not write what is there already.</remarks>
    public Task CheckWritableAsync(CancellationToken cancellationToken = default) => file.RunAsync(connection =>
        connection.Execute("INSERT INTO seen (queue, message_id, until) VALUES ('', '', 0) ON CONFLICT DO UPDATE SET until = 1 - until"), toDisk: false);

    public Task<DateTimeOffset?> OldestAsync(string queue, CancellationToken cancellationToken = default) => file.RunAsync(connection =>
        connection.Query(
            OldestQuery,
            row => row.IsDBNull(0) ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), queue, Now).Single(), toDisk: false);

    /// <summary>The dead letters from this sequence number on, locked ones included; nothing is changed, and their lock tokens hold nothing.</summary>
    public Task<List<ServiceBusReceivedMessage>> PeekDeadLettersAsync(string queue, long from, int count) => file.RunAsync(connection =>
        connection.Query(
            $"SELECT {PeekedColumns} FROM messages WHERE queue = $1 AND state = 1 AND sequence >= $2 ORDER BY sequence LIMIT $3",
            row => Read(row, 0), queue, from, count), toDisk: false);

    /// <summary>Locks and returns at most <paramref name="count"/> dead letters, the oldest first.</summary>
    public Task<List<ServiceBusReceivedMessage>> ReceiveDeadLettersAsync(string queue, int count) =>
        LockAsync($"SELECT {Columns} FROM messages WHERE queue = $1 AND state = 1 AND available_at <= $2 ORDER BY sequence LIMIT $3", queue, count);

    private SemaphoreSlim Arrivals(string queue) => arrivals.GetOrAdd(queue, _ => new(0));

    private static long Milliseconds(TimeSpan duration) => (long)duration.TotalMilliseconds;

    private static ServiceBusReceivedMessage Read(SqliteDataReader row, long lockedUntil)
    {
        var enqueued = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7));
        return ServiceBusModelFactory.ServiceBusReceivedMessage(
            sequenceNumber: row.GetInt64(0),
            messageId: row.GetString(1),
            body: new BinaryData(row.GetFieldValue<byte[]>(2)),
            contentType: Text(row, 3),
            correlationId: Text(row, 4),
            subject: Text(row, 5),
            properties: MessageProperties.Read(Text(row, 6)),
            enqueuedTime: enqueued,
            timeToLive: DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)) - enqueued,
            deliveryCount: row.GetInt32(9) + 1,
            lockedUntil: DateTimeOffset.FromUnixTimeMilliseconds(lockedUntil),
            lockTokenGuid: Guid.NewGuid());
    }

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    // In two plain steps: one UPDATE … RETURNING makes SQLite set up two tables in memory, which costs more than all the rest.
    private Task<List<ServiceBusReceivedMessage>> LockAsync(string query, string queue, int count) => file.RunAsync(connection =>
    {
        var now = Now;
        var lockedUntil = now + Milliseconds(options.LockDuration);
        var messages = connection.Query(query, row => Read(row, lockedUntil), queue, now, count);
        messages.ForEach(message => connection.Execute(
            "UPDATE messages SET lock_token = $2, available_at = $3, delivery_count = $4 WHERE sequence = $1",
            message.SequenceNumber, message.LockToken, lockedUntil, message.DeliveryCount));
        messages.Sort((a, b) => a.SequenceNumber.CompareTo(b.SequenceNumber));
        return messages;
    }, toDisk: false);

    private Task<bool> SetAsideAsync(ServiceBusReceivedMessage message, int state, string? properties) => file.RunAsync(connection => ChangeHeld(
        connection, message,
        "UPDATE messages SET state = $4, lock_token = NULL, available_at = 0, properties = coalesce($5, properties)" + IfHeld, state, properties));

    /// <summary>Changes a message; false when its lock is lost, and nothing is changed.</summary>
    private bool ChangeHeld(RuntimeConnection connection, ServiceBusReceivedMessage message, string statement, params ReadOnlySpan<object?> values) =>
        connection.Execute(statement, [message.SequenceNumber, message.LockToken, Now, .. values]) == 1;

    private static string? WriteProperties(ServiceBusMessage message) => MessageProperties.Write(
        Activity.Current?.Id is { } traceParent ? message.ApplicationProperties.Prepend(new("Diagnostic-Id", traceParent)) : message.ApplicationProperties);

    private void Insert(RuntimeConnection connection, string queue, ServiceBusMessage message, byte[] body, string? properties)
    {
        var id = message.MessageId ?? Guid.NewGuid().ToString("N");
        var now = Now;
        var fresh = connection.Execute(
            """
            INSERT INTO seen (queue, message_id, until) VALUES ($1, $2, $3)
            ON CONFLICT DO UPDATE SET until = excluded.until WHERE until <= $4
            """,
            queue, id, now + Milliseconds(options.DuplicateDetectionWindow), now) == 1;
        if (!fresh)
        {
            return;
        }

        // What is not scheduled is available at 0, not now: a clock that is set back must not hide it.
        var scheduled = message.ScheduledEnqueueTime.ToUnixTimeMilliseconds();
        var enqueued = Math.Max(now, scheduled);
        var life = message.TimeToLive < options.MessageTimeToLive ? message.TimeToLive : options.MessageTimeToLive;
        connection.Execute(
            """
            INSERT INTO messages (queue, state, available_at, enqueued_at, expires_at, message_id, content_type, correlation_id, subject, properties, body)
            VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            queue, scheduled > now ? scheduled : 0, enqueued, enqueued + Milliseconds(life), id,
            message.ContentType, message.CorrelationId, message.Subject, properties, body);
    }

    private List<DeadLetter> DeadLetterExhausted(RuntimeConnection connection, string which, long value) => DeadLetter(
        connection,
        $"{which} AND delivery_count >= {options.MaxDeliveryCount}",
        value,
        "MaxDeliveryCountExceeded",
        $"The message was delivered {options.MaxDeliveryCount} times and not completed.");

    private List<DeadLetter> DeadLetter(RuntimeConnection connection, string which, long value, string reason, string description)
    {
        // A message that is locked is still being worked on; one whose lock ran out is not.
        var messages = connection.Query(
            $"""
            SELECT sequence, properties, queue, message_id, delivery_count FROM messages
            WHERE {which} AND state = 0 AND (lock_token IS NULL OR available_at <= $2)
            """,
            row => (Properties: Text(row, 1), Letter: new DeadLetter(row.GetString(2), row.GetInt64(0), row.GetString(3), row.GetInt32(4), reason, description)),
            value, Now);
        messages.ForEach(message => connection.Execute(
            "UPDATE messages SET state = 1, lock_token = NULL, available_at = 0, properties = $2 WHERE sequence = $1",
            message.Letter.SequenceNumber, MessageProperties.WriteDeadLetter(MessageProperties.Read(message.Properties), reason, description)));
        return [.. messages.Select(message => message.Letter)];
    }
}

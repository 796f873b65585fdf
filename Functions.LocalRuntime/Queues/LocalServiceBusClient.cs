using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Functions.LocalRuntime.Queues;

/// <summary>The client that functions get: it sends to the queue file.</summary>
internal sealed class LocalServiceBusClient(QueueStore store) : ServiceBusClient
{
    public override ServiceBusSender CreateSender(string queueOrTopicName) => new LocalServiceBusSender(store, queueOrTopicName);

    public override ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) =>
        options is { SubQueue: SubQueue.DeadLetter }
            ? new LocalDeadLetterReceiver(store, queueName)
            : throw new NotSupportedException(
                "The local runtime gives receivers for dead-letter sub-queues only; a queue itself is received by its function.");

    [SuppressMessage("Usage", "CA2215", Justification = "Microsoft's would close the connection, which one that was made without has not.")]
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Sends to one queue of the queue file; returns once the message is on disk.</summary>
internal sealed class LocalServiceBusSender(QueueStore store, string queue) : ServiceBusSender
{
    public override string EntityPath => queue;

    public override async Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // From here on the send is not cancelled: whether it was kept would be unknown.
            await store.SendAsync(queue, messages);
        }
        catch (Exception e) when (e is SqliteException or IOException)
        {
            // As Service Bus tells it; what the file said is within.
            throw new ServiceBusException("The queue file cannot be written.", ServiceBusFailureReason.ServiceCommunicationProblem, queue, e);
        }
    }

    public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
}

/// <summary>Receives from the dead-letter sub-queue of one queue of the queue file.</summary>
internal sealed class LocalDeadLetterReceiver(QueueStore store, string queue) : ServiceBusReceiver
{
    private long nextPeek;

    public override string EntityPath => queue + "/$DeadLetterQueue";

    public override async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages, long? fromSequenceNumber = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        cancellationToken.ThrowIfCancellationRequested();
        var messages = await store.PeekDeadLettersAsync(queue, fromSequenceNumber ?? nextPeek, maxMessages);
        if (messages.Count > 0)
        {
            nextPeek = messages[^1].SequenceNumber + 1;
        }

        return messages;
    }

    /// <remarks>It does not wait for the first message: what is dead-lettered later is not what an operator has seen.</remarks>
    public override async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        cancellationToken.ThrowIfCancellationRequested();
        return await store.ReceiveDeadLettersAsync(queue, maxMessages);
    }

    public override async Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        MessageLock.ThrowIfLost(await store.CompleteAsync(message), message, EntityPath);

    public override async Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        MessageLock.ThrowIfLost(await store.AbandonAsync(queue, message, MessageProperties.Write(message, propertiesToModify)), message, EntityPath);

    public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
}

/// <summary>The lock that a received message must have to be settled.</summary>
internal static class MessageLock
{
    /// <exception cref="ServiceBusException">The lock is lost.</exception>
    public static void ThrowIfLost(bool held, ServiceBusReceivedMessage message, string entityPath)
    {
        if (!held)
        {
            throw new ServiceBusException(
                $"The lock of message {message.SequenceNumber} is lost: it ran out, or the message was settled before.",
                ServiceBusFailureReason.MessageLockLost,
                entityPath);
        }
    }
}

using Azure.Messaging.ServiceBus;

namespace Functions.LocalRuntime.Queues;

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

    public override async Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        Held(message, await store.CompleteAsync(message));
    }

    public override async Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var properties = new Dictionary<string, object>(message.ApplicationProperties);
        foreach (var (name, value) in propertiesToModify ?? new Dictionary<string, object>())
        {
            properties[name] = value;
        }

        Held(message, await store.AbandonAsync(queue, message, MessageProperties.Write(properties)));
    }

    public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    private void Held(ServiceBusReceivedMessage message, bool held)
    {
        if (!held)
        {
            throw new ServiceBusException(
                $"The lock of message {message.SequenceNumber} is lost: it ran out, or the message was settled before.",
                ServiceBusFailureReason.MessageLockLost,
                EntityPath);
        }
    }
}

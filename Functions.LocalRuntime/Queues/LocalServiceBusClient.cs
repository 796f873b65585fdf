using System.Diagnostics;
using Azure.Messaging.ServiceBus;

namespace Functions.LocalRuntime.Queues;

/// <summary>The client that functions get: it sends to the queue file.</summary>
internal sealed class LocalServiceBusClient(QueueStore store) : ServiceBusClient
{
    public override ServiceBusSender CreateSender(string queueOrTopicName) => new LocalServiceBusSender(store, queueOrTopicName);

    public override ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) =>
        options is { SubQueue: SubQueue.DeadLetter }
            ? new LocalDeadLetterReceiver(store, queueName)
            : throw new NotSupportedException("The local runtime gives receivers for dead-letter sub-queues only; a queue itself is received by its function.");
}

/// <summary>Sends to one queue of the queue file; returns once the message is on disk.</summary>
internal sealed class LocalServiceBusSender(QueueStore store, string queue) : ServiceBusSender
{
    private const int MaxMessageIdLength = 128;

    public override string EntityPath => queue;

    public override Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default) =>
        SendMessagesAsync([message], cancellationToken);

    public override Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        // From here on the send is not cancelled: whether it was kept would be unknown.
        return store.SendAsync(messages.Select(ToStore).ToList());
    }

    private NewMessage ToStore(ServiceBusMessage message)
    {
        if (message.MessageId is { Length: 0 or > MaxMessageIdLength })
        {
            throw new ArgumentException($"A MessageId has 1 to {MaxMessageIdLength} characters.", nameof(message));
        }

        if (message.TimeToLive <= TimeSpan.Zero)
        {
            throw new ArgumentException("TimeToLive must be positive.", nameof(message));
        }

        var properties = new Dictionary<string, object>(message.ApplicationProperties);
        if (Activity.Current?.Id is { } traceParent)
        {
            properties.TryAdd("Diagnostic-Id", traceParent);
        }

        return new(
            queue,
            message.MessageId ?? Guid.NewGuid().ToString("N"),
            message.Body.ToArray(),
            message.ContentType,
            message.CorrelationId,
            message.Subject,
            MessageProperties.Write(properties),
            message.ScheduledEnqueueTime,
            message.TimeToLive);
    }
}

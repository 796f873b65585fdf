using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Functions.LocalRuntime.Queues;

/// <summary>Settles the one message that its function was given.</summary>
internal sealed class LocalMessageActions(QueueStore store, string queue) : ServiceBusMessageActions
{
    /// <summary>Whether the function settled the message itself, so that the host does not.</summary>
    public bool Settled { get; private set; }

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettleAsync(message, store.CompleteAsync(message));

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        SettleAsync(message, store.AbandonAsync(queue, message, MessageProperties.Write(Modified(message, propertiesToModify))));

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = null,
        string? deadLetterReason = null,
        string? deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, store.DeadLetterAsync(
            message, DeadLetterProperties.Add(Modified(message, propertiesToModify), deadLetterReason, deadLetterErrorDescription)));

    public override Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        SettleAsync(message, store.DeferAsync(message, MessageProperties.Write(Modified(message, propertiesToModify))));

    public override async Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        if ((await store.RenewAsync([message])).Count > 0)
        {
            throw LockLost(message);
        }
    }

    private static Dictionary<string, object> Modified(ServiceBusReceivedMessage message, IDictionary<string, object>? changes)
    {
        var properties = new Dictionary<string, object>(message.ApplicationProperties);
        foreach (var (name, value) in changes ?? new Dictionary<string, object>())
        {
            properties[name] = value;
        }

        return properties;
    }

    private static InvalidOperationException LockLost(ServiceBusReceivedMessage message) =>
        new($"The lock of message {message.MessageId} is lost: it ran out, or the message was settled before. The queue delivers it again.");

    private async Task SettleAsync(ServiceBusReceivedMessage message, Task<bool> settlement)
    {
        Settled = await settlement ? true : throw LockLost(message);
    }
}

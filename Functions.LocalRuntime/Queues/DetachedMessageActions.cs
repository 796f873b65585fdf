using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Functions.LocalRuntime.Queues;

/// <summary>For a message that somebody typed in: it is on no queue, so what would be done to it becomes the run's failure.</summary>
internal sealed class DetachedMessageActions : ServiceBusMessageActions
{
    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("The function gave the message back.");

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = null,
        string? deadLetterReason = null,
        string? deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException($"The function refused the message: {deadLetterReason}: {deadLetterErrorDescription}");

    public override Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("The function deferred the message.");

    public override Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) => Task.CompletedTask;
}

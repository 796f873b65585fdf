namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// What a function can do with its message besides succeeding (the host completes it) and failing (the host gives it back). Microsoft's,
/// member for member, compiled only where Microsoft.Azure.Functions.Worker.Extensions.ServiceBus is absent: some registries lack that package.
/// </summary>
public class ServiceBusMessageActions
{
    /// <summary>For derived classes and mocks.</summary>
    protected ServiceBusMessageActions()
    {
    }

    /// <summary>Removes the message from its queue.</summary>
    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <summary>Gives the message back to its queue, to be delivered again at once.</summary>
    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <summary>Moves the message to its queue's dead-letter sub-queue.</summary>
    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = null,
        string? deadLetterReason = null,
        string? deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Keeps the message out of delivery until it is received by its sequence number.</summary>
    public virtual Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <summary>Holds the message for another lock duration.</summary>
    public virtual Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();
}

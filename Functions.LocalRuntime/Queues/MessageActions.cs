namespace Functions.LocalRuntime.Queues;

/// <summary>Settles the one message that its function was given.</summary>
internal sealed class LocalMessageActions(QueueStore store, string queue) : ServiceBusMessageActions
{
    /// <summary>Whether the function settled the message itself, so that the host does not.</summary>
    public bool Settled { get; private set; }

    /// <summary>What the log tells of a message that was dead-lettered; null of others.</summary>
    public (string, LogLevel)? Outcome { get; private set; }

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettleAsync(message, store.CompleteAsync(message));

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        SettleAsync(message, store.AbandonAsync(queue, message, MessageProperties.Write(message, propertiesToModify)));

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = null,
        string? deadLetterReason = null,
        string? deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, store.DeadLetterAsync(
            message, MessageProperties.WriteDeadLetter(message.ApplicationProperties, deadLetterReason, deadLetterErrorDescription, propertiesToModify)),
            ("dead-lettered its message", LogLevel.Information));

    public override Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        SettleAsync(message, store.DeferAsync(message, MessageProperties.Write(message, propertiesToModify)));

    public override async Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        MessageLock.ThrowIfLost((await store.RenewAsync([message])).Count == 0, message, queue);

    private async Task SettleAsync(ServiceBusReceivedMessage message, Task<bool> settlement, (string, LogLevel)? outcome = null)
    {
        MessageLock.ThrowIfLost(await settlement, message, queue);
        (Settled, Outcome) = (true, outcome);
    }
}

/// <summary>For a message that was typed in: it is on no queue, so what would be done to it becomes the run's failure.</summary>
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

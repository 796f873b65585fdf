namespace Azure.Messaging.ServiceBus;

/// <summary>Receives from one queue or sub-queue, each message under a lock.</summary>
public class ServiceBusReceiver : IAsyncDisposable
{
    /// <summary>For derived classes and mocks.</summary>
    protected ServiceBusReceiver()
    {
    }

    /// <summary>The queue's path; a dead-letter sub-queue's ends in <c>/$DeadLetterQueue</c>.</summary>
    public virtual string EntityPath => throw new NotSupportedException();

    /// <summary>Looks at messages without locking them, locked ones included, in the order of their sequence numbers.</summary>
    /// <param name="maxMessages">The most that are returned; fewer, even where there are more, say nothing. None means there are none.</param>
    /// <param name="fromSequenceNumber">Where to begin; null to go on behind the last one that was looked at.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public virtual Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages, long? fromSequenceNumber = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <summary>Locks and returns messages, the oldest first.</summary>
    /// <param name="maxMessages">The most that are returned.</param>
    /// <param name="maxWaitTime">The longest wait for the first one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public virtual Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <summary>Removes a message.</summary>
    /// <exception cref="ServiceBusException">Its lock is lost (<see cref="ServiceBusFailureReason.MessageLockLost"/>).</exception>
    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <summary>Gives a message back.</summary>
    /// <exception cref="ServiceBusException">Its lock is lost (<see cref="ServiceBusFailureReason.MessageLockLost"/>).</exception>
    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>What a receiver receives from.</summary>
public class ServiceBusReceiverOptions
{
    /// <summary>The queue itself unless set.</summary>
    public SubQueue SubQueue { get; set; }
}

/// <summary>The parts of a queue.</summary>
public enum SubQueue
{
    /// <summary>The queue itself.</summary>
    None = 0,

    /// <summary>Messages that were given up on.</summary>
    DeadLetter = 1,

    /// <summary>Messages that could not be forwarded to another queue.</summary>
    TransferDeadLetter = 2,
}

namespace Azure.Messaging.ServiceBus;

/// <summary>
/// The way to the queues; one for the process, safe to share. The local runtime registers its own, which writes to the queue
/// file. Microsoft's has public constructors besides, for code that only the azure host compiles.
/// </summary>
public class ServiceBusClient : IAsyncDisposable
{
    /// <summary>For derived classes and mocks.</summary>
    protected ServiceBusClient()
    {
    }

    /// <summary>A sender for this queue; senders are safe to share.</summary>
    public virtual ServiceBusSender CreateSender(string queueOrTopicName) => throw new NotSupportedException();

    /// <summary>A receiver for this queue, or for one of its sub-queues.</summary>
    public virtual ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) => throw new NotSupportedException();

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Sends to one queue.</summary>
public class ServiceBusSender : IAsyncDisposable
{
    /// <summary>For derived classes and mocks.</summary>
    protected ServiceBusSender()
    {
    }

    /// <summary>The queue's name.</summary>
    public virtual string EntityPath => throw new NotSupportedException();

    /// <summary>Sends a message; returns once the queue keeps it.</summary>
    public virtual Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <summary>Sends messages, all or none; returns once the queue keeps them.</summary>
    public virtual Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

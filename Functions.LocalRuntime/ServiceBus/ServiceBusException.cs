namespace Azure.Messaging.ServiceBus;

/// <summary>What a queue did not do.</summary>
public class ServiceBusException : Exception
{
    /// <summary>A failure for this reason.</summary>
    public ServiceBusException(string message, ServiceBusFailureReason reason, string? entityPath = null, Exception? innerException = null)
        : base(entityPath is null ? $"{message} ({reason})" : $"{message} ({entityPath} - {reason})", innerException) => Reason = reason;

    /// <summary>Why it was not done.</summary>
    public ServiceBusFailureReason Reason { get; }
}

/// <summary>Why a queue did not do something.</summary>
public enum ServiceBusFailureReason
{
    /// <summary>Anything else.</summary>
    GeneralError = 0,

    /// <summary>There is no such queue.</summary>
    MessagingEntityNotFound = 1,

    /// <summary>The message was settled before, or its lock ran out.</summary>
    MessageLockLost = 2,

    /// <summary>There is no such message.</summary>
    MessageNotFound = 3,

    /// <summary>The message is larger than the queue takes.</summary>
    MessageSizeExceeded = 4,

    /// <summary>The queue is switched off.</summary>
    MessagingEntityDisabled = 5,

    /// <summary>The queue is full.</summary>
    QuotaExceeded = 6,

    /// <summary>Too much is asked at once.</summary>
    ServiceBusy = 7,

    /// <summary>There was no answer in time.</summary>
    ServiceTimeout = 8,

    /// <summary>The queue cannot be reached.</summary>
    ServiceCommunicationProblem = 9,
}

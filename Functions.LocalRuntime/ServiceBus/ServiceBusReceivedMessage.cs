using System.Collections.ObjectModel;

namespace Azure.Messaging.ServiceBus;

/// <summary>A message as it was received.</summary>
public class ServiceBusReceivedMessage
{
    internal ServiceBusReceivedMessage()
    {
    }

    /// <summary>The body.</summary>
    public BinaryData Body { get; internal init; } = new(Array.Empty<byte>());

    /// <summary>The id that the sender gave, or the queue's own.</summary>
    public string MessageId { get; internal init; } = "";

    /// <summary>The body's media type.</summary>
    public string? ContentType { get; internal init; }

    /// <summary>An id that ties messages together.</summary>
    public string? CorrelationId { get; internal init; }

    /// <summary>What the message is about.</summary>
    public string? Subject { get; internal init; }

    /// <summary>How often the message was delivered, this time included: 1 at first.</summary>
    public int DeliveryCount { get; internal init; }

    /// <summary>When the queue took the message, or when it became visible where that was scheduled.</summary>
    public DateTimeOffset EnqueuedTime { get; internal init; }

    /// <summary>How long the message is good for, counted from <see cref="EnqueuedTime"/>.</summary>
    public TimeSpan TimeToLive { get; internal init; } = TimeSpan.MaxValue;

    /// <summary>When the message expires.</summary>
    public DateTimeOffset ExpiresAt =>
        TimeToLive >= DateTimeOffset.MaxValue - EnqueuedTime ? DateTimeOffset.MaxValue : EnqueuedTime + TimeToLive;

    /// <summary>Until when this delivery holds the message.</summary>
    public DateTimeOffset LockedUntil { get; internal init; }

    /// <summary>Names this delivery to the queue.</summary>
    public string LockToken { get; internal init; } = Guid.Empty.ToString();

    /// <summary>The message's number in its queue, rising.</summary>
    public long SequenceNumber { get; internal init; } = -1;

    /// <summary>Properties beside the body.</summary>
    public IReadOnlyDictionary<string, object> ApplicationProperties { get; internal init; } = ReadOnlyDictionary<string, object>.Empty;

    /// <summary>Why the message was dead-lettered; null where it was not.</summary>
    public string? DeadLetterReason => Property(nameof(DeadLetterReason));

    /// <summary>The reason at more length; null where there is none.</summary>
    public string? DeadLetterErrorDescription => Property(nameof(DeadLetterErrorDescription));

    private string? Property(string name) => ApplicationProperties.TryGetValue(name, out var value) ? value as string : null;
}

/// <summary>Makes received messages, for tests.</summary>
public static class ServiceBusModelFactory
{
    /// <summary>A received message; what is not given is as in a message without it.</summary>
    public static ServiceBusReceivedMessage ServiceBusReceivedMessage(
        BinaryData? body = null,
        string? messageId = null,
        TimeSpan timeToLive = default,
        string? correlationId = null,
        string? subject = null,
        string? contentType = null,
        IDictionary<string, object>? properties = null,
        Guid lockTokenGuid = default,
        int deliveryCount = 0,
        DateTimeOffset lockedUntil = default,
        long sequenceNumber = -1,
        DateTimeOffset enqueuedTime = default) => new()
        {
            Body = body ?? new BinaryData(Array.Empty<byte>()),
            MessageId = messageId ?? "",
            TimeToLive = timeToLive == default ? TimeSpan.MaxValue : timeToLive,
            CorrelationId = correlationId,
            Subject = subject,
            ContentType = contentType,
            ApplicationProperties = new ReadOnlyDictionary<string, object>(properties ?? new Dictionary<string, object>()),
            LockToken = lockTokenGuid.ToString(),
            DeliveryCount = deliveryCount,
            LockedUntil = lockedUntil,
            SequenceNumber = sequenceNumber,
            EnqueuedTime = enqueuedTime,
        };
}

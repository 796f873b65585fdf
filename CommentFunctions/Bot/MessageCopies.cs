using Azure.Messaging.ServiceBus;

namespace CommentFunctions.Bot;

/// <summary>Messages that are sent to their queue once more.</summary>
public static class MessageCopies
{
    /// <summary>The property of a message whose reply is sent already, and has to be recorded only.</summary>
    public const string SentProperty = "sent";

    private const int MaxIdLength = 128;

    /// <summary>
    /// The same body under another MessageId, for the queue would drop one with the old id as a repeat. Of the properties the first id goes
    /// with it, and that its reply is sent.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="start">The beginning of the id, which is cut where it is too long.</param>
    /// <param name="end">Its end.</param>
    public static ServiceBusMessage CopyAs(this ServiceBusReceivedMessage message, string start, string end = "")
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(end);
        var copy = new ServiceBusMessage
        {
            MessageId = start[..Math.Min(start.Length, MaxIdLength - end.Length)] + end,
            ContentType = message.ContentType,
            Subject = message.Subject,
        };
        // As it is: Body is for bytes alone, and other clients may send a value.
        copy.GetRawAmqpMessage().Body = message.GetRawAmqpMessage().Body;
        if (message.CorrelationId is { } correlation)
        {
            copy.CorrelationId = correlation;
        }

        copy.ApplicationProperties[OriginalIds.Property] = message.OriginalId();
        if (message.IsMarkedSent())
        {
            copy.ApplicationProperties[SentProperty] = true;
        }

        return copy;
    }

    /// <summary>Whether an earlier attempt sent the reply.</summary>
    public static bool IsMarkedSent(this ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.ApplicationProperties.TryGetValue(SentProperty, out var sent) && sent is true;
    }
}

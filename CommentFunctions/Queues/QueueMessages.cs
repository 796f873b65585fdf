using System.Text.Json;
using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Http;

namespace CommentFunctions.Queues;

/// <summary>Queue messages with a JSON body.</summary>
public static class QueueJson
{
    /// <summary>The most bytes of a body: what the smallest tier of Service Bus lets through.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>A message to send, known by this id.</summary>
    public static ServiceBusMessage Write<T>(string messageId, T body) => new(BinaryData.FromObjectAsJson(body, ApiJson.Writing))
    {
        MessageId = messageId,
        ContentType = "application/json",
    };

    /// <summary>The body of a message.</summary>
    /// <exception cref="PermanentMessageException">It cannot be read; the description quotes none of it.</exception>
    public static T Read<T>(ServiceBusReceivedMessage message)
        where T : class
    {
        var body = BytesOf(message);
        if (body.Length > MaxBytes)
        {
            throw Malformed($"The body has {body.Length} bytes; {MaxBytes} are allowed.");
        }

        try
        {
            return JsonSerializer.Deserialize<T>(body.Span, ApiJson.Reading) ?? throw Malformed($"The body is null; a {typeof(T).Name} was expected.");
        }
        catch (JsonException e)
        {
            throw Malformed($"The body is not the JSON of a {typeof(T).Name} (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
    }

    // Other clients can send an AMQP value, which Body would throw for.
    private static ReadOnlyMemory<byte> BytesOf(ServiceBusReceivedMessage message) =>
        message.GetRawAmqpMessage().Body.BodyType == AmqpMessageBodyType.Data
            ? message.Body.ToMemory()
            : throw Malformed("The body is no sequence of bytes but an AMQP value or sequence.");

    private static PermanentMessageException Malformed(string problem) => new(PermanentMessageException.Malformed, problem);
}

/// <summary>
/// Messages that are sent to their queue again. Such a copy has a MessageId of its own, since the queue would drop one with the old id
/// as a duplicate; to the bot it is still the same message, which has one reply.
/// </summary>
public static class MessageCopies
{
    /// <summary>The property in which a copy carries the id that the message was first sent with.</summary>
    public const string OriginalIdProperty = "original-message-id";

    /// <summary>The property of a message whose reply is sent already and only has to be recorded.</summary>
    public const string SentProperty = "sent";

    private const int MaxIdLength = 128;

    /// <summary>The id by which the bot knows the message. One that was sent without an id is known by its number in the queue.</summary>
    public static string OriginalId(this ServiceBusReceivedMessage message) =>
        message.ApplicationProperties.TryGetValue(OriginalIdProperty, out var id) && id is string { Length: > 0 } original
            ? original
            : message.MessageId is { Length: > 0 } sent ? sent : $"sequence:{message.SequenceNumber}";

    /// <summary>Whether an earlier attempt sent the reply.</summary>
    public static bool IsMarkedSent(this ServiceBusReceivedMessage message) =>
        message.ApplicationProperties.TryGetValue(SentProperty, out var sent) && sent is true;

    /// <summary>The same body under another MessageId, with these of its properties: the original id, and that its reply is sent.</summary>
    /// <param name="message">The message.</param>
    /// <param name="start">The beginning of the id, which is cut where it is too long.</param>
    /// <param name="end">Its end.</param>
    public static ServiceBusMessage CopyAs(this ServiceBusReceivedMessage message, string start, string end = "")
    {
        var copy = new ServiceBusMessage
        {
            MessageId = start[..Math.Min(start.Length, MaxIdLength - end.Length)] + end,
            ContentType = message.ContentType,
            Subject = message.Subject,
        };
        // Not through Body, which takes bytes alone: other clients may send a value.
        copy.GetRawAmqpMessage().Body = message.GetRawAmqpMessage().Body;
        if (message.CorrelationId is { } correlation)
        {
            copy.CorrelationId = correlation;
        }

        copy.ApplicationProperties[OriginalIdProperty] = message.OriginalId();
        if (message.IsMarkedSent())
        {
            copy.ApplicationProperties[SentProperty] = true;
        }

        return copy;
    }
}

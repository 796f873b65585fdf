using System.Text.Json;
using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Http;

namespace CommentFunctions.Bot;

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
    /// <exception cref="MessageRefusedException">It cannot be read; the description quotes none of it.</exception>
    public static T Read<T>(ServiceBusReceivedMessage message)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(message);
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

    private static ReadOnlyMemory<byte> BytesOf(ServiceBusReceivedMessage message)
    {
        // Other clients can send what is none.
        return message.GetRawAmqpMessage().Body.BodyType == AmqpMessageBodyType.Data
            ? message.Body.ToMemory()
            : throw Malformed("The body is no sequence of bytes but an AMQP value or sequence.");
    }

    private static MessageRefusedException Malformed(string problem) => new(MessageRefusedException.Malformed, problem);
}

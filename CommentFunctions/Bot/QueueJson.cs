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

    /// <summary>The body of a message; or null, and what is wrong with it, in words that quote none of it.</summary>
    public static T? TryRead<T>(ServiceBusReceivedMessage message, out string problem)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.GetRawAmqpMessage().Body.BodyType != AmqpMessageBodyType.Data)
        {
            problem = "The body is no sequence of bytes but an AMQP value or sequence.";
            return null;
        }

        var body = message.Body.ToMemory();
        if (body.Length > MaxBytes)
        {
            problem = $"The body has {body.Length} bytes; {MaxBytes} are allowed.";
            return null;
        }

        try
        {
            var value = JsonSerializer.Deserialize<T>(body.Span, ApiJson.Reading);
            problem = value is null ? $"The body is null; a {typeof(T).Name} was expected." : "";
            return value;
        }
        catch (JsonException e)
        {
            problem = $"The body is not the JSON of a {typeof(T).Name} (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).";
            return null;
        }
    }
}

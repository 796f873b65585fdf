using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;

namespace CommentFunctions.DeadLetters;

/// <summary>A dead letter as a message to send again.</summary>
public static class Replay
{
    private const int MaxMessageIdLength = 128;

    /// <summary>
    /// The same body under a MessageId that tells this replay: the queue takes it although it has seen the message, and drops it if the
    /// same dead letter is sent twice, as after a crash. Of the properties only the first id goes with it: counts of attempts
    /// start anew.
    /// </summary>
    public static ServiceBusMessage Of(ServiceBusReceivedMessage deadLetter)
    {
        ArgumentNullException.ThrowIfNull(deadLetter);
        var id = deadLetter.OriginalId();
        var replayed = $"replay:{deadLetter.SequenceNumber}:{id}";
        var message = new ServiceBusMessage
        {
            // What tells one replay from another stands in front.
            MessageId = replayed[..Math.Min(replayed.Length, MaxMessageIdLength)],
            ContentType = deadLetter.ContentType,
            Subject = deadLetter.Subject,
        };
        // As it is: Body is for bytes alone, and other clients may send a value.
        message.GetRawAmqpMessage().Body = deadLetter.GetRawAmqpMessage().Body;
        if (deadLetter.CorrelationId is { } correlation)
        {
            message.CorrelationId = correlation;
        }

        message.ApplicationProperties[OriginalIds.Property] = id;
        return message;
    }
}

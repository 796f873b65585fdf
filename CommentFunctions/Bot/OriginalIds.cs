using Azure.Messaging.ServiceBus;

namespace CommentFunctions.Bot;

/// <summary>
/// The id that a message had when it was first sent. A replayed message has a MessageId of its own, since the queue would take one
/// with the old id for a duplicate; but to the bot it is still the same message, which has one reply.
/// </summary>
public static class OriginalIds
{
    /// <summary>The property in which a replayed message carries its first id.</summary>
    public const string Property = "original-message-id";

    /// <summary>The id by which the bot knows the message. One that was sent without an id is known by its number in the queue.</summary>
    public static string OriginalId(this ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.ApplicationProperties.TryGetValue(Property, out var id) && id is string { Length: > 0 } original
            ? original
            : message.MessageId is { Length: > 0 } sent ? sent : $"sequence:{message.SequenceNumber}";
    }
}

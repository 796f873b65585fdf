using Azure.Messaging.ServiceBus;

namespace CommentFunctions.Queues;

/// <summary>One attempt to do a queue message's work: what the queue remembers of those before it, and what this one adds to that.</summary>
public sealed class MessageAttempt
{
    private const string PostponedProperty = "postponed";
    private const string FailuresProperty = "failures";
    private const string AcceptedAtProperty = "accepted-at";
    private const string AgainMark = ":again:";

    // Another id, or the queue would drop the copy that remembers the send for a repeat of one that an earlier delivery left.
    private const string SentMark = ":sent:";

    private readonly ServiceBusReceivedMessage message;

    /// <summary>Reads what the message carries.</summary>
    /// <param name="message">The message.</param>
    /// <param name="now">The time that stands for the queue's where the message has none.</param>
    public MessageAttempt(ServiceBusReceivedMessage message, DateTimeOffset now)
    {
        this.message = message;
        Postponed = Number(PostponedProperty);
        EarlierFailures = Number(FailuresProperty);
        AcceptedAt = Property(AcceptedAtProperty) is DateTimeOffset at ? at
            : message.EnqueuedTime > DateTimeOffset.UnixEpoch ? message.EnqueuedTime
            : now;
        IsSent = message.IsMarkedSent();
    }

    /// <summary>The id by which the bot knows the message.</summary>
    public string Id => message.OriginalId();

    /// <summary>The channel that the message came by; null until that was read.</summary>
    public string? Channel { get; set; }

    /// <summary>Whether the reply was sent, by this attempt or an earlier one: what is left is to record that.</summary>
    public bool IsSent { get; set; }

    /// <summary>How often the message was sent to its queue again, for later.</summary>
    public int Postponed { get; }

    /// <summary>When the queue first took the message.</summary>
    public DateTimeOffset AcceptedAt { get; }

    /// <summary>The attempts that failed by a fault, this one included where it does.</summary>
    public int Failures => EarlierFailures + Math.Max(1, message.DeliveryCount);

    private int EarlierFailures { get; }

    /// <summary>The message for another attempt at this time. Its id tells it from others, and is the same if it is made twice.</summary>
    /// <param name="at">When it is to be delivered.</param>
    /// <param name="failed">Whether this attempt counts as one that failed.</param>
    public ServiceBusMessage CopyFor(DateTimeOffset at, bool failed)
    {
        var (start, end) = IdOf(Postponed + 1);
        var copy = message.CopyAs(start, end);
        copy.ScheduledEnqueueTime = at;
        foreach (var (name, value) in message.ApplicationProperties)
        {
            copy.ApplicationProperties[name] = value;
        }

        copy.ApplicationProperties[MessageCopies.OriginalIdProperty] = Id;
        copy.ApplicationProperties[PostponedProperty] = Postponed + 1;
        copy.ApplicationProperties[FailuresProperty] = failed ? Failures : EarlierFailures;
        copy.ApplicationProperties[AcceptedAtProperty] = AcceptedAt;
        Mark(copy.ApplicationProperties);
        return copy;
    }

    /// <summary>Keeps in a message's properties that its reply was sent.</summary>
    public void Mark(IDictionary<string, object> properties)
    {
        if (IsSent)
        {
            properties[MessageCopies.SentProperty] = true;
        }
    }

    // After the id of the message that was first tried, which tells one replay of a dead letter from another: the queue would drop the
    // second attempt of a replay under the id of the first one's.
    private (string Start, string End) IdOf(int copy)
    {
        var mark = $"{(IsSent ? SentMark : AgainMark)}{copy}";
        var id = message.MessageId is { Length: > 0 } given ? given : Id;
        var before = new[] { $"{AgainMark}{copy - 1}", $"{SentMark}{copy - 1}" }.FirstOrDefault(m => id.EndsWith(m, StringComparison.Ordinal)) ?? "";
        return (id[..^before.Length], mark);
    }

    private int Number(string property) => Property(property) is int and > 0 and var number ? number : 0;

    private object? Property(string name) => message.ApplicationProperties.TryGetValue(name, out var value) ? value : null;
}

/// <summary>What became of a message.</summary>
public enum MessageOutcome
{
    /// <summary>Its work is done.</summary>
    Done,

    /// <summary>It comes again later.</summary>
    Postponed,

    /// <summary>It was given up on, with the reason.</summary>
    DeadLettered,
}

/// <summary>A message can never succeed. Its message and description hold no text of the conversation and no secret.</summary>
/// <param name="reason">Why, in one word, for the dead-letter queue.</param>
/// <param name="description">Why, in a sentence.</param>
public class PermanentMessageException(string reason, string description) : Exception(description)
{
    /// <summary>The body cannot be read.</summary>
    public const string Malformed = "MalformedMessage";

    /// <summary>No channel has the name that the message carries.</summary>
    public const string UnknownChannel = nameof(UnknownChannel);

    /// <summary>Why, in one word.</summary>
    public string Reason { get; } = reason;
}

/// <summary>A message's work failed by a fault; the host delivers the message again at once.</summary>
/// <param name="attempt">The number of the attempt.</param>
/// <param name="inner">The fault.</param>
public sealed class MessageFailedException(int attempt, Exception inner) : Exception($"Attempt {attempt} failed: {inner.Message}", inner);

using CommentFunctions.Failures;
using CommentFunctions.Queues;

namespace CommentFunctions.Bot;

/// <summary>A reply can never be delivered. Its message and description hold no text of the conversation and no secret.</summary>
/// <param name="reason">Why, in one word, for the dead-letter queue.</param>
/// <param name="description">Why, in a sentence.</param>
public class PermanentChannelException(string reason, string description) : PermanentMessageException(reason, description)
{
    /// <summary>The service refuses the reply.</summary>
    public const string Refused = "ChannelRefused";

    /// <summary>The service takes no reply to a message that is so old.</summary>
    public const string TooLate = "ReplyTooLate";

    /// <summary>The service took the reply, and later said that it could not deliver it.</summary>
    public const string Undelivered = "ReplyUndelivered";
}

/// <summary>
/// A reply could not be delivered yet, with all the waiting that the message's lock allows. Its message holds no text of
/// the conversation and no secret.
/// </summary>
/// <param name="description">Why, in a sentence.</param>
/// <param name="retryAfter">How long the service asks to be left alone; null where it does not say.</param>
public sealed class TransientChannelException(string description, TimeSpan? retryAfter = null) : Exception(description)
{
    /// <summary>How long to wait before the next attempt at the least; null where the service does not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Whether it may be for good, and the service does not say: the reply has the attempts of a fault.</summary>
    public bool MayBeFinal { get; init; }

    /// <summary>Whether the service asks to be left alone by all replies of the channel, not by this conversation's alone.</summary>
    public bool IsForAll { get; init; }
}

/// <summary>Tells what keeps the channels from working.</summary>
public sealed class ChannelOutages : IOutages
{
    public Outage? FindOutage(Exception exception) =>
        exception.Chain().OfType<TransientChannelException>().Select(busy => new Outage(busy.Message, busy.RetryAfter, busy.MayBeFinal)).FirstOrDefault();
}

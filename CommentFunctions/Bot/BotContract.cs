using System.Text.Json.Serialization;
using CommentFunctions.Failures;
using CommentFunctions.Queues;

namespace CommentFunctions.Bot;

/// <summary>
/// A message to the bot, as it stands in the queue. Its id is the queue message's (<see cref="MessageCopies.OriginalId"/>):
/// <c>channel:nativeId</c>.
/// </summary>
/// <param name="Channel">The channel it came by, and its reply goes by.</param>
/// <param name="Conversation">The conversation, as the channel names it.</param>
/// <param name="Sender">Who sent it, as the channel names them.</param>
/// <param name="Text">What was sent: the user whose latest comment is asked for.</param>
/// <param name="ReceivedAt">When the app took it, in UTC.</param>
/// <param name="SentAt">When it was sent, in UTC; null where the channel does not say.</param>
/// <param name="QuoteId">By what a reply quotes it in its conversation; null where the channel's replies quote nothing.</param>
public sealed record BotMessage(
    string Channel,
    string Conversation,
    string Sender,
    string Text,
    DateTimeOffset ReceivedAt,
    DateTimeOffset? SentAt = null,
    string? QuoteId = null);

/// <summary>A reply of the bot, as it stands in the queue.</summary>
/// <param name="Message">What it replies to.</param>
/// <param name="InReplyTo">The id of what it replies to.</param>
/// <param name="UserName">The user that was asked for.</param>
/// <param name="Text">What the bot says.</param>
/// <param name="QuotedCommentCreatedAt">When the comment that it quotes was written; null where it quotes none.</param>
/// <param name="Quotations">What of the text people wrote, from its beginning on; null where nothing is known of that.</param>
public sealed record BotReply(
    BotMessage Message,
    string InReplyTo,
    string UserName,
    string Text,
    DateTimeOffset? QuotedCommentCreatedAt = null,
    IReadOnlyList<Quotation>? Quotations = null)
{
    /// <summary>The reply's id: one message has one reply.</summary>
    [JsonIgnore]
    public string Id => IdFor(InReplyTo);

    /// <summary>The id of the reply to this message.</summary>
    public static string IdFor(string messageId) => "reply:" + messageId;
}

/// <summary>A part of a reply's text that is not the bot's own, in UTF-16 units.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">How long it is.</param>
public readonly record struct Quotation(int Start, int Length);

/// <summary>A way by which people talk to the bot.</summary>
public interface IBotChannel
{
    /// <summary>The channel's name, as messages carry it.</summary>
    string Name { get; }

    /// <summary>
    /// Whether a reply is sent by being saved to the store, together with the record of it: what goes to a service is claimed first, so
    /// that no two attempts send it.
    /// </summary>
    bool IsInStore => false;

    /// <summary>Sends a reply to where its message came from.</summary>
    /// <exception cref="PermanentChannelException">It can never be delivered.</exception>
    /// <exception cref="TransientChannelException">It cannot be delivered yet; a later attempt may succeed.</exception>
    Task SendAsync(BotReply reply, CancellationToken cancellationToken);
}

/// <summary>The channels that are configured.</summary>
public sealed class BotChannels(IEnumerable<IBotChannel> channels)
{
    /// <summary>The channel of this name.</summary>
    /// <exception cref="PermanentMessageException">There is none.</exception>
    public IBotChannel Require(string name) =>
        channels.FirstOrDefault(channel => channel.Name.Equals(name, StringComparison.Ordinal))
        ?? throw new PermanentMessageException(PermanentMessageException.UnknownChannel, "The message's channel is not configured in this app.");
}

/// <summary>A reply can never be delivered. Its message and description hold no text of the conversation and no secret.</summary>
/// <param name="reason">Why, in one word, for the dead-letter queue.</param>
/// <param name="description">Why, in a sentence.</param>
public class PermanentChannelException(string reason, string description) : PermanentMessageException(reason, description)
{
    /// <summary>The service refuses the reply.</summary>
    public const string Refused = "ChannelRefused";

    /// <summary>The service takes no reply to a message of this age.</summary>
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

    /// <summary>What of the service as a whole keeps replies from it; null where it is this reply, or the time.</summary>
    public ChannelTrouble? Trouble { get; init; }
}

/// <summary>What does not work of a channel as a whole.</summary>
public enum ChannelTrouble
{
    /// <summary>The app asks the service for messages and gets none.</summary>
    Silent,

    /// <summary>The service cannot be reached, or fails.</summary>
    Away,

    /// <summary>The service does not know who the app is: its token is wrong, or was revoked.</summary>
    Unauthorized,
}

/// <summary>Tells what keeps the channels from working.</summary>
public sealed class ChannelOutages : IOutages
{
    public Outage? FindOutage(Exception exception) =>
        exception.Chain().OfType<TransientChannelException>()
            .Select(failure => new Outage(failure.Message, failure.RetryAfter, failure.MayBeFinal))
            .FirstOrDefault();
}

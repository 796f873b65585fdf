using System.Text.Json.Serialization;

namespace CommentFunctions.Bot;

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

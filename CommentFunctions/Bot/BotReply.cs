using System.Text.Json.Serialization;

namespace CommentFunctions.Bot;

/// <summary>A reply of the bot, as it stands in the queue.</summary>
/// <param name="Message">What it replies to.</param>
/// <param name="InReplyTo">The id of what it replies to.</param>
/// <param name="UserName">The user that was asked for.</param>
/// <param name="Text">What the bot says.</param>
/// <param name="QuotedCommentCreatedAt">When the comment that it quotes was written; null where it quotes none.</param>
public sealed record BotReply(
    BotMessage Message, string InReplyTo, string UserName, string Text, DateTimeOffset? QuotedCommentCreatedAt = null)
{
    /// <summary>The reply's id: one message has one reply.</summary>
    [JsonIgnore]
    public string Id => IdFor(InReplyTo);

    /// <summary>The id of the reply to this message.</summary>
    public static string IdFor(string messageId) => "reply:" + messageId;
}

namespace CommentFunctions.Data;

/// <summary>One exchange of a conversation on the web: a message and its reply.</summary>
public sealed class ConversationExchange
{
    /// <summary>The message's id.</summary>
    public required string Id { get; init; }

    /// <summary>The conversation's name, chosen by the client.</summary>
    public required string Conversation { get; init; }

    /// <summary>What was sent.</summary>
    public required string MessageText { get; init; }

    /// <summary>When it was sent, in UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>What the bot replied.</summary>
    public required string ReplyText { get; init; }

    /// <summary>When it replied, in UTC.</summary>
    public required DateTimeOffset RepliedAt { get; init; }

    /// <summary>The time from which the retention counts: the quoted comment's, or the message's where none is quoted.</summary>
    public required DateTimeOffset KeptSince { get; init; }

    /// <summary>What a reply begins with that quotes a comment of this user.</summary>
    public static string QuoteOf(string userName) => $"Last comment for {userName} was ";
}

/// <summary>
/// The record that a reply reached its channel, so that a repeat of it is known; or, under ids of their own, that an attempt to
/// send it is under way, and that the channel took it and could not deliver it. It holds no text.
/// </summary>
public sealed class DeliveredReply
{
    /// <summary>The reply's id, or <see cref="ClaimOn"/> it, or its <see cref="FailureOf"/>.</summary>
    public required string Id { get; init; }

    /// <summary>When it was delivered, or claimed, or the failure became known, in UTC.</summary>
    public required DateTimeOffset DeliveredAt { get; set; }

    /// <summary>The id of the claim on a reply.</summary>
    public static string ClaimOn(string replyId) => "sending:" + replyId;

    /// <summary>The id of the record that a reply which its channel took did not arrive.</summary>
    public static string FailureOf(string replyId) => "failed:" + replyId;
}

namespace CommentFunctions.Channels.Web;

/// <summary>One exchange of a conversation on the web: a message and its reply.</summary>
public sealed class ConversationTurn
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
}

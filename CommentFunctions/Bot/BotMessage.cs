namespace CommentFunctions.Bot;

/// <summary>A message to the bot, as it stands in the queue. Its id is the queue message's (<see cref="OriginalIds"/>): <c>channel:nativeId</c>.</summary>
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

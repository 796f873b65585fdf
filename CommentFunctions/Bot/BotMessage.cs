namespace CommentFunctions.Bot;

/// <summary>A message to the bot, as it stands in the queue. Its id is the queue message's (<see cref="OriginalIds"/>): <c>channel:nativeId</c>.</summary>
/// <param name="Channel">The channel it came by, and its reply goes by.</param>
/// <param name="Conversation">The conversation, as the channel names it.</param>
/// <param name="Sender">Who sent it, as the channel names them.</param>
/// <param name="Text">What was sent: the user whose latest comment is asked for.</param>
/// <param name="ReceivedAt">When the app took it, in UTC.</param>
public sealed record BotMessage(string Channel, string Conversation, string Sender, string Text, DateTimeOffset ReceivedAt);

using CommentFunctions.Comments;

namespace CommentFunctions.Bot;

/// <summary>Answers a message that names a user with that user's most recent comment.</summary>
public sealed class CommentBot(CommentDbContext db, LatestComment latest)
{
    /// <summary>The answer to a message with this id. A comment that has expired is never quoted.</summary>
    public async Task<BotReply> AnswerAsync(string messageId, BotMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var userName = message.Text.Trim();
        // What cannot be a name belongs to nobody, and need not reach the store.
        var comment = UserNames.IsValid(userName) ? await latest.FindAsync(db, userName, cancellationToken) : null;
        return comment is null
            ? new(message, messageId, userName, $"No comments found for user {userName}")
            : new(message, messageId, userName, $"Last comment for {userName} was {comment.Text}", comment.CreatedAt);
    }
}

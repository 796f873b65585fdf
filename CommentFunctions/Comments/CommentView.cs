using CommentFunctions.Data;

namespace CommentFunctions.Comments;

/// <summary>A comment as callers see it.</summary>
/// <param name="Id">The comment's id.</param>
/// <param name="UserName">Who wrote it.</param>
/// <param name="Text">What was written.</param>
/// <param name="CreatedAt">When it was written, in UTC.</param>
/// <param name="ExpiresAt">When it vanishes, in UTC.</param>
public sealed record CommentView(Guid Id, string UserName, string Text, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>The view of a comment under this retention.</summary>
    public static CommentView Of(Comment comment, Retention retention) =>
        new(comment.Id, comment.UserName, comment.Text, comment.CreatedAt, retention.ExpiryOf(comment.CreatedAt));
}

using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Comments;

/// <summary>
/// The most recent comment of a user: one step in an index, compiled once. Of several comments of one millisecond it is the one
/// posted last. Safe to share; an instance belongs to one store's model.
/// </summary>
public sealed class LatestComment(Retention retention)
{
    private readonly Func<CommentDbContext, string, DateTimeOffset, CancellationToken, Task<Comment?>> query =
        EF.CompileAsyncQuery((CommentDbContext db, string userName, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
            db.Comments.AsNoTracking()
                .Where(c => c.UserName == userName && c.CreatedAt > cutoff)
                .OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id)
                .FirstOrDefault());

    /// <summary>The user's latest comment that has not expired; null if there is none, or no such user.</summary>
    public Task<Comment?> FindAsync(CommentDbContext db, string userName, CancellationToken cancellationToken) =>
        query(db, userName, retention.Cutoff, cancellationToken);
}

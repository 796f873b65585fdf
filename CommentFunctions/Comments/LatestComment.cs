using CommentFunctions.Comments.Stores;

namespace CommentFunctions.Comments;

/// <summary>
/// The most recent comment of a user: one step in an index, compiled once. Of several comments of one millisecond it is the one
/// posted last. Safe to share.
/// </summary>
public sealed class LatestComment(CommentTables tables, Retention retention)
{
    /// <summary>The user's latest comment that has not expired; null if there is none, or no such user.</summary>
    public Task<Comment?> FindAsync(CommentDbContext db, string userName, CancellationToken cancellationToken) =>
        tables.FindLatestAsync(db, userName, retention.Cutoff, cancellationToken);
}

namespace CommentFunctions.Data;

/// <summary>
/// The most recent comment of a user: one step in an index. Of several comments of one millisecond it is the one posted last. Safe to
/// share.
/// </summary>
public sealed class LatestComment(CommentSchema tables, Retention retention)
{
    /// <summary>The user's latest comment that has not expired; null if there is none, or no such user, whatever the name is.</summary>
    public Task<LatestText?> FindAsync(CommentDbContext db, string userName, CancellationToken cancellationToken) => tables.MayBeName(userName)
        ? tables.FindLatestAsync(db, userName, retention.Cutoff, cancellationToken)
        : Task.FromResult<LatestText?>(null);
}

/// <summary>What the bot quotes of a comment.</summary>
/// <param name="Text">What was written.</param>
/// <param name="CreatedAt">When, in UTC.</param>
public sealed record LatestText(string Text, DateTimeOffset CreatedAt);

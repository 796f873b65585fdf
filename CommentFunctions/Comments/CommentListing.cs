using CommentFunctions.Data;

namespace CommentFunctions.Comments;

/// <summary>Lists a user's comments, newest first, without the expired ones.</summary>
public sealed class CommentListing(CommentDbContext db, CommentSchema tables, Retention retention)
{
    /// <summary>What the users' names are, for messages to people.</summary>
    public string NameRule => tables.NameRule;

    /// <summary>Whether a user may have this name.</summary>
    public bool MayBeName(string name) => tables.MayBeName(name);

    /// <summary>
    /// A page of at most <paramref name="limit"/> comments older than the cursor, or the newest ones; null for an unknown user.
    /// </summary>
    public async Task<CommentPage?> FindAsync(string userName, int limit, CommentCursor? before, CancellationToken cancellationToken)
    {
        // One more than asked for tells whether there is a next page.
        var found = await tables.FindPageAsync(db, userName, retention.Cutoff, before, limit + 1, cancellationToken);
        if (found.Count == 0 && !await tables.UserExistsAsync(db, userName, cancellationToken))
        {
            return null;
        }

        var page = found.Take(limit).ToList();
        return new(page, found.Count > limit ? new CommentCursor(page[^1].CreatedAt, page[^1].Id) : null);
    }
}

/// <summary>A page of comments, newest first, and where the next one begins; null after the last.</summary>
public sealed record CommentPage(IReadOnlyList<Comment> Comments, CommentCursor? Next);

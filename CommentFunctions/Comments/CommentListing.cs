using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Comments;

/// <summary>Lists a user's comments, newest first, without the expired ones.</summary>
public sealed class CommentListing(CommentDbContext db, Retention retention)
{
    /// <summary>
    /// A page of at most <paramref name="limit"/> comments older than the cursor, or the newest ones; null for an unknown user.
    /// </summary>
    public async Task<CommentPage?> FindAsync(string userName, int limit, CommentCursor? before, CancellationToken cancellationToken)
    {
        var cutoff = retention.Cutoff;
        var comments = db.Comments.AsNoTracking().Where(c => c.UserName == userName && c.CreatedAt > cutoff);
        if (before is { CreatedAt: var createdAt, Id: var id })
        {
            // The first condition alone lets the store begin in the index where the page begins.
            comments = comments.Where(c => c.CreatedAt <= createdAt && (c.CreatedAt < createdAt || c.Id < id));
        }

        // One more than asked for tells whether there is a next page.
        var found = await comments
            .OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id)
            .Take(limit + 1)
            .ToListAsync(cancellationToken);
        if (found.Count == 0 && !await db.Users.AnyAsync(u => u.UserName == userName, cancellationToken))
        {
            return null;
        }

        var page = found.Take(limit).ToList();
        return new(page, found.Count > limit ? new CommentCursor(page[^1].CreatedAt, page[^1].Id) : null);
    }
}

/// <summary>A page of comments, newest first, and where the next one begins; null after the last.</summary>
public sealed record CommentPage(IReadOnlyList<Comment> Comments, CommentCursor? Next);

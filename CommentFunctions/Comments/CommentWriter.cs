using CommentFunctions.Data;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Comments;

/// <summary>Writes comments.</summary>
public sealed class CommentWriter(CommentDbContext db, CommentSchema schema, TimeOrderedIds ids, TimeProvider clock)
{
    private const int Attempts = 3;

    /// <summary>Stores a comment, and its user where this is their first. Name and text must be valid.</summary>
    /// <exception cref="InvalidOperationException">There is a <see cref="CommentSchema.ReadOnlyReason"/>.</exception>
    public async Task<Comment> PostAsync(string userName, string text, CancellationToken cancellationToken)
    {
        if (schema.ReadOnlyReason is { } why)
        {
            throw new InvalidOperationException(why);
        }

        var comment = new Comment
        {
            Id = ids.Next(),
            UserName = userName,
            CreatedAt = clock.GetUtcNowInMilliseconds(),
            Text = text,
        };
        await EnsureUserAsync(userName, cancellationToken);
        var entry = db.Comments.Add(comment);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return comment;
            }
            catch (DbUpdateException) when (attempt < Attempts)
            {
                // The user may have been erased in between.
                entry.State = EntityState.Detached;
                if (!await EnsureUserAsync(userName, cancellationToken))
                {
                    throw;
                }

                entry.State = EntityState.Added;
            }
        }
    }

    /// <summary>Whether the user had to be made.</summary>
    private async Task<bool> EnsureUserAsync(string userName, CancellationToken cancellationToken)
    {
        if (await schema.UserExistsAsync(db, userName, cancellationToken))
        {
            return false;
        }

        await AddUserAsync(userName, cancellationToken);
        return true;
    }

    // A save of its own: of several first posts at once only one makes the user, and none of them loses its comment over it.
    private async Task AddUserAsync(string userName, CancellationToken cancellationToken)
    {
        var entry = db.Users.Add(new User { UserName = userName });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            entry.State = EntityState.Detached;
            if (!await schema.UserExistsAsync(db, userName, cancellationToken))
            {
                throw;
            }
        }
    }
}

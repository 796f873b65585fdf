using CommentFunctions.Data;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Comments;

/// <summary>Writes comments.</summary>
public sealed class CommentWriter(CommentDbContext db, CommentSchema schema, TimeOrderedIds ids, TimeProvider clock)
{
    /// <summary>Stores a comment, and its user where this is their first. Name and text must be valid.</summary>
    /// <exception cref="InvalidOperationException">There is a <see cref="CommentSchema.ReadOnlyReason"/>.</exception>
    public async Task<Comment> PostAsync(string userName, string text, CancellationToken cancellationToken)
    {
        if (schema.ReadOnlyReason is { } why)
        {
            throw new InvalidOperationException(why);
        }

        if (!await schema.UserExistsAsync(db, userName, cancellationToken))
        {
            await AddUserAsync(userName, cancellationToken);
        }

        var comment = new Comment
        {
            Id = ids.Next(),
            UserName = userName,
            CreatedAt = clock.GetUtcNowInMilliseconds(),
            Text = text,
        };
        db.Comments.Add(comment);
        await db.SaveChangesAsync(cancellationToken);
        return comment;
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

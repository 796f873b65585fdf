using CommentFunctions.Time;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Comments;

/// <summary>Writes comments.</summary>
public sealed class CommentWriter(CommentDbContext db, TimeOrderedIds ids, TimeProvider clock)
{
    /// <summary>Stores a comment, and its user where this is their first. Name and text must be valid.</summary>
    public async Task<Comment> PostAsync(string userName, string text, CancellationToken cancellationToken)
    {
        if (!await UserExistsAsync(userName, cancellationToken))
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
            if (!await UserExistsAsync(userName, cancellationToken))
            {
                throw;
            }
        }
    }

    private Task<bool> UserExistsAsync(string userName, CancellationToken cancellationToken) =>
        db.Users.AnyAsync(u => u.UserName == userName, cancellationToken);
}

using CommentFunctions.Comments;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Bot;

/// <summary>Looks for the record of a delivery, once for each reply: compiled once. An instance belongs to one store's model.</summary>
public sealed class DeliveredReplies
{
    private readonly Func<CommentDbContext, string, CancellationToken, Task<bool>> query =
        EF.CompileAsyncQuery((CommentDbContext db, string id, CancellationToken cancellationToken) =>
            db.DeliveredReplies.Any(r => r.Id == id));

    /// <summary>Whether the reply with this id was delivered.</summary>
    public Task<bool> ContainsAsync(CommentDbContext db, string id, CancellationToken cancellationToken) => query(db, id, cancellationToken);
}

using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Comments.Stores;

/// <summary>Users and comments as the app itself keeps them, on every store.</summary>
public sealed class OwnTables : CommentTables
{
    // EF looks through the options for the answer each time, and it is the same for all contexts of the process.
    private Func<CommentDbContext, string, DateTimeOffset, CancellationToken, Task<LatestText?>>? findLatest;

    /// <inheritdoc/>
    public override string Name => SchemaNames.Own;

    /// <inheritdoc/>
    public override object ModelKey => SchemaNames.Own;

    /// <inheritdoc/>
    public override Type Rows => typeof(Comment);

    /// <inheritdoc/>
    public override string TimeProperty => nameof(Comment.CreatedAt);

    /// <inheritdoc/>
    public override IEnumerable<string> Check(CommentOptions options) => [];

    /// <inheritdoc/>
    public override void Configure(ModelBuilder modelBuilder, DbContext context)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<Comment>(comment =>
        {
            comment.HasOne<User>().WithMany().HasForeignKey(c => c.UserName).OnDelete(DeleteBehavior.Cascade);
            // The bot's question, a user's latest comment, and the pages of a listing are one step in this index.
            comment.HasIndex(c => new { c.UserName, c.CreatedAt, c.Id }).IsDescending(false, true, true);
            comment.HasIndex(c => c.CreatedAt);
        });
    }

    /// <inheritdoc/>
    public override string Explain(IReadOnlyList<MissingTable> missing, string store)
    {
        ArgumentNullException.ThrowIfNull(missing);
        return $"Comments:CreateSchema is false, and the database of Comments:Store {store} lacks a table of the app ({missing[0].Problem}). "
            + "Set it to true for one start to have the tables made, or Comments:ConnectionString to the database that has them.";
    }

    /// <inheritdoc/>
    public override Task<LatestText?> FindLatestAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        findLatest ??= db.Database.IsRelational() ? LatestCommentStatement.FindAsync : FindLatestDocumentAsync;
        return findLatest(db, userName, cutoff, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<List<Comment>> FindPageAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CommentCursor? before, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var comments = db.Comments.AsNoTracking().Where(c => c.UserName == userName && c.CreatedAt > cutoff);
        if (before is { CreatedAt: var createdAt, Id: var id })
        {
            // The first condition alone lets the store begin in the index where the page begins.
            comments = comments.Where(c => c.CreatedAt <= createdAt && (c.CreatedAt < createdAt || c.Id < id));
        }

        return comments
            .OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id)
            .Take(count)
            .ToListAsync(cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Not by AnyAsync, whose EXISTS without an outer FROM the query parser of Cosmos DB does not take.</remarks>
    public override async Task<bool> UserExistsAsync(CommentDbContext db, string userName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.UserName == userName, cancellationToken) is not null;
    }

    /// <inheritdoc/>
    public override Task<long> CountExpiredAsync(CommentDbContext db, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.Comments.LongCountAsync(c => c.CreatedAt <= cutoff, cancellationToken);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<int> DeleteInRangesAsync(
        CommentDbContext db, DateTimeOffset cutoff, IDeletionPace pace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return RangedDeletion.ByTimeAsync(db.Comments, c => c.CreatedAt, cutoff, pace, cancellationToken);
    }

    private static async Task<LatestText?> FindLatestDocumentAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        var comment = await db.Comments.AsNoTracking()
            .Where(c => c.UserName == userName && c.CreatedAt > cutoff)
            .OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id)
            .FirstOrDefaultAsync(cancellationToken);
        return comment is null ? null : new(comment.Text, comment.CreatedAt);
    }
}

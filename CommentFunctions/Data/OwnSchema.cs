using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CommentFunctions.Data;

/// <summary>Users and comments as the app itself keeps them, on every store.</summary>
public sealed class OwnSchema : CommentSchema
{
    // EF looks through the options for the answer each time, and it is the same for all contexts of the process.
    private Func<CommentDbContext, string, DateTimeOffset, CancellationToken, Task<LatestText?>>? findLatest;

    public override string Name => SchemaNames.Own;

    public override object ModelKey => SchemaNames.Own;

    public override IEnumerable<string> Check(CommentOptions options) => [];

    public override void Configure(ModelBuilder modelBuilder, DbContext context)
    {
        modelBuilder.Entity<Comment>(comment =>
        {
            comment.HasOne<User>().WithMany().HasForeignKey(c => c.UserName).OnDelete(DeleteBehavior.Cascade);
            // The bot's question, a user's latest comment, and the pages of a listing are one step in this index.
            comment.HasIndex(c => new { c.UserName, c.CreatedAt, c.Id }).IsDescending(false, true, true);
        });
    }

    public override string Explain(IReadOnlyList<MissingTable> missing, string store) =>
        $"Comments:CreateSchema is false, and the database of Comments:Store {store} lacks a table of the app ({missing[0].Problem}). "
            + "Set it to true for one start to have the tables made, or Comments:ConnectionString to the database that has them.";

    public override Task<LatestText?> FindLatestAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        findLatest ??= db.Database.IsRelational() ? LatestCommentStatement.FindAsync : FindLatestDocumentAsync;
        return findLatest(db, userName, cutoff, cancellationToken);
    }

    public override Task<List<Comment>> FindPageAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CommentCursor? before, int count, CancellationToken cancellationToken)
    {
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

    /// <remarks>By the time alone, for Cosmos DB sorts by two properties only with an index made for both.</remarks>
    public override Task<List<Comment>> FindRecentAsync(
        CommentDbContext db, DateTimeOffset cutoff, int count, CancellationToken cancellationToken) =>
        db.Comments.AsNoTracking().Where(c => c.CreatedAt > cutoff).OrderByDescending(c => c.CreatedAt).Take(count).ToListAsync(cancellationToken);

    /// <remarks>Not by AnyAsync, whose EXISTS without an outer FROM the query parser of Cosmos DB does not take.</remarks>
    public override async Task<bool> UserExistsAsync(CommentDbContext db, string userName, CancellationToken cancellationToken) =>
        await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.UserName == userName, cancellationToken) is not null;

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

/// <summary>
/// The bot's question in SQL, on a context's connection. It is asked for each message, and often by a process that was just started: EF
/// would make delegates and a command for each query, and translate and compile the first one.
/// </summary>
internal static class LatestCommentStatement
{
    private const string Sql = """
        SELECT "CreatedAt", "Text" FROM "Comments" WHERE "UserName" = $1 AND "CreatedAt" > $2
        ORDER BY "CreatedAt" DESC, "Id" DESC LIMIT 1
        """;

    /// <summary>The latest comment of the app's own table; null if there is none. Fails and is tried again as EF's queries are.</summary>
    public static async Task<LatestText?> FindAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(db, userName, cutoff, cancellationToken);
        }
        catch (DbException)
        {
            // A strategy is made anew for each use, so it takes part only where there may be something to try again.
            return await db.Database.CreateExecutionStrategy().ExecuteAsync(
                cancel => AskAsync(db, userName, cutoff, cancel), cancellationToken);
        }
    }

    private static async Task<LatestText?> AskAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        // Not by db.Database, which would make an execution strategy each time.
        var connection = db.GetService<IRelationalConnection>();
        await connection.OpenAsync(cancellationToken);
        try
        {
            await using var command = connection.DbConnection.CreateCommand();
            command.CommandText = Sql;
            Add(command, "$1", userName);
            Add(command, "$2", cutoff.ToUnixTimeMilliseconds());
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken)
                ? new(reader.GetString(1), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(0)))
                : null;
        }
        finally
        {
            await connection.CloseAsync();
        }
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.Value = value;
        if (parameter is not NpgsqlParameter)
        {
            // SQLite binds by name. Npgsql takes what has none by its place, and need not rewrite the statement each time.
            parameter.ParameterName = name;
        }

        command.Parameters.Add(parameter);
    }
}

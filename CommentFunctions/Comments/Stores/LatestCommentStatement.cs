using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CommentFunctions.Comments.Stores;

/// <summary>
/// The bot's question in SQL, on a context's connection. It is asked for each message, and a new process is often started for it. EF
/// makes delegates and a command anew for each query, which takes a fifth of the time that PostgreSQL needs for this one; and it
/// translates and compiles the query first, which takes a fifth of the time to the first reply.
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
        // Not by the facade, which would make an execution strategy for it.
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
            // SQLite binds by name. Npgsql takes what has none by its place, and need not rewrite the statement each time, which took
            // a tenth of the bot's rate.
            parameter.ParameterName = name;
        }

        command.Parameters.Add(parameter);
    }
}

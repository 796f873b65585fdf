using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using SQLitePCL;

namespace CommentFunctions.Data.Sqlite;

/// <summary>Sets what SQLite forgets with every connection.</summary>
/// <param name="connectionString">Leads to the file.</param>
/// <param name="check">Called before each opening; throws where the path does not lead to the file that the process began with.</param>
public sealed class SqliteConnectionSettings(string connectionString, Action check) : DbConnectionInterceptor
{
    // SQLite itself waits for another process's write in short steps; the provider sleeps for longer.
    internal const string BusyTimeout = "PRAGMA busy_timeout = 5000";

    // Pages before a commit copies the log into the database. More than SQLite's 1,000, since most pages are written again soon.
    internal const string CopyLogAfter = "PRAGMA wal_autocheckpoint = 4000";

    // secure_delete: vanished text is overwritten, not just unlinked.
    private const string Settings = $"""
        PRAGMA foreign_keys = ON;
        PRAGMA secure_delete = ON;
        {BusyTimeout};
        {CopyLogAfter};
        """;
    private const string Mode = "PRAGMA journal_mode";

    // An accepted comment survives a loss of power. With a write-ahead log, GroupCommit sees to that after the commit, for all
    // writers at once; without one, as in another app's database, SQLite itself has to.
    internal const string WithLog = "PRAGMA synchronous = NORMAL";
    private const string WithoutLog = "PRAGMA synchronous = FULL";

    // Opening takes a connection from a pool, which is already set; its native handle stays the same object.
    private readonly ConditionalWeakTable<sqlite3, object> done = [];

    /// <remarks>
    /// The provider's own connections register functions (decimals, regular expressions) with SQLite at each opening, one for each of
    /// the bot's messages. The app stores whole numbers and text, and asks for none of them.
    /// </remarks>
    public override InterceptionResult<DbConnection> ConnectionCreating(
        ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result)
    {
        var connection = new SqliteConnection(connectionString);
        eventData.Context?.GetService<CommentSchema>().Equip(connection);
        return InterceptionResult<DbConnection>.SuppressWithResult(connection);
    }

    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        check();
        return result;
    }

    public override ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        check();
        return new(result);
    }

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        if (NewHandle(connection) is { } handle)
        {
            using var command = connection.CreateCommand();
            command.CommandText = Settings;
            command.ExecuteNonQuery();
            command.CommandText = Mode;
            command.CommandText = command.ExecuteScalar() is "wal" ? WithLog : WithoutLog;
            command.ExecuteNonQuery();
            done.TryAdd(handle, handle);
        }
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (NewHandle(connection) is { } handle)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = Settings;
            await command.ExecuteNonQueryAsync(cancellationToken);
            command.CommandText = Mode;
            command.CommandText = await command.ExecuteScalarAsync(cancellationToken) is "wal" ? WithLog : WithoutLog;
            await command.ExecuteNonQueryAsync(cancellationToken);
            done.TryAdd(handle, handle);
        }
    }

    private sqlite3? NewHandle(DbConnection connection) =>
        connection is SqliteConnection { Handle: { } handle } && !done.TryGetValue(handle, out _) ? handle : null;
}

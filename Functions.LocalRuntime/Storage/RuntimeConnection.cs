using Microsoft.Data.Sqlite;

namespace Functions.LocalRuntime.Storage;

/// <summary>The writer's connection, with its statements prepared once.</summary>
internal sealed class RuntimeConnection : IDisposable
{
    // secure_delete: a message may quote what has to vanish with it. busy_timeout: a console run writes to the same file.
    // synchronous: RuntimeFile brings to disk what has to be there. wal_autocheckpoint: 16 MB, most of whose pages are written again
    // soon; RuntimeFile empties the log every few seconds anyway.
    private const string Settings = """
        PRAGMA busy_timeout = 10000;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA secure_delete = ON;
        PRAGMA wal_autocheckpoint = 4000;
        """;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS messages (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            queue TEXT NOT NULL,
            state INTEGER NOT NULL,            -- 0 active, 1 dead-lettered, 2 deferred
            available_at INTEGER NOT NULL,     -- 0, or the time it is scheduled for, or the end of its lock
            lock_token TEXT,
            delivery_count INTEGER NOT NULL DEFAULT 0,
            enqueued_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            message_id TEXT NOT NULL,
            content_type TEXT,
            correlation_id TEXT,
            subject TEXT,
            properties TEXT,
            body BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS messages_ready ON messages (queue, state, available_at, sequence);
        CREATE TABLE IF NOT EXISTS seen (
            queue TEXT NOT NULL,
            message_id TEXT NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (queue, message_id)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS timers (
            function TEXT PRIMARY KEY,
            schedule TEXT NOT NULL,
            last INTEGER NOT NULL,
            next INTEGER NOT NULL,
            updated INTEGER NOT NULL) WITHOUT ROWID;
        """;

    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> commands = [];

    public RuntimeConnection(string path)
    {
        // The provider tries again what is locked, besides SQLite itself: for as long, not for three times as long.
        connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        Execute(Settings);
        Execute(Schema);
    }

    /// <summary>Rows changed since the connection was opened.</summary>
    public int Changes => SQLitePCL.raw.sqlite3_total_changes(connection.Handle);

    public void Begin() => Execute("BEGIN IMMEDIATE");

    public void Commit() => Execute("COMMIT");

    /// <summary>Rolls back as far as SQLite has not done so by itself, as it does when the disk is full.</summary>
    public void TryRollback() => Try(() =>
    {
        if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
        {
            Execute("ROLLBACK");
        }
    });

    /// <summary>Moves what the write-ahead log holds into the file and empties the log, unless another process reads it now.</summary>
    public void TryCheckpoint() => Try(() => Execute("PRAGMA wal_checkpoint(TRUNCATE)"));

    /// <summary>Runs a statement; its parameters are <c>$1</c>, <c>$2</c> and so on. Returns the number of rows changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteNonQuery();

    /// <summary>Runs a query and reads each row.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using var reader = Prepare(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Closes the connection, and with it its statements.</summary>
    public void Dispose() => connection.Dispose();

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (!commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            }

            commands.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    // For what is tried again later anyway, or has failed already with an exception that says more.
    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (SqliteException)
        {
        }
    }
}

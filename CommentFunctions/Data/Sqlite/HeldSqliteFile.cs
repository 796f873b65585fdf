using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CommentFunctions.Data.Sqlite;

/// <summary>
/// The file that the process began with, held by a connection of its own. SQLite goes on writing to files that were deleted under it,
/// and what it wrote is gone with the process; so each read and write asks here first whether the path still leads to that file.
/// </summary>
/// <remarks>
/// While the connection is open, the write-ahead log stays the same file too: SQLite removes it with the last connection only.
/// </remarks>
/// <param name="path">The database's path.</param>
/// <param name="connectionString">Leads there.</param>
internal sealed class HeldSqliteFile(string path, string connectionString) : IDisposable
{
    // Together less than a health check has: SQLite's own wait, and how long the provider begins it anew.
    private const string BusyTimeout = "PRAGMA busy_timeout = 500";
    private const int CommandTimeout = 1;

    // Pages go to the log when the transaction fills them, not first with its commit.
    private const string WriteAtOnce = "PRAGMA cache_size = 1; PRAGMA cache_spill = 1";

    // With a rollback journal that would lock readers out; there each page is copied to the journal before it is changed.
    private const string WriteLast = "PRAGMA cache_spill = 0";

    // More pages than a comment takes with its indexes: what there is room for in the log is enough for one.
    private const string Fill = """
        CREATE TABLE commentfunctions_probe (filler BLOB);
        INSERT INTO commentfunctions_probe VALUES (zeroblob(60000));
        """;

    private readonly string log = path + "-wal";
    private readonly Lock sync = new();
    private Held? held;

    /// <summary>Opens the connection, on a file that has its tables and its journal's mode.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public void Hold()
    {
        lock (sync)
        {
            if (held is not null)
            {
                return;
            }

            SqliteConnectionStringBuilder settings = new(connectionString) { Pooling = false, DefaultTimeout = CommandTimeout };
            var connection = new SqliteConnection(settings.ToString());
            try
            {
                connection.Open();
                Execute(connection, BusyTimeout);
                // The first read opens the log.
                Execute(connection, HasLog(connection) ? WriteAtOnce : WriteLast);
                held = new(connection, FileIdentity.Of(path), FileIdentity.Of(log));
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    /// <summary>Sees to it that the path leads to the held file, and to its log where it had one.</summary>
    /// <exception cref="LostFileException">It does not.</exception>
    public void Check()
    {
        if (held is { } file && (FileIdentity.Of(path) != file.Database || (file.Log is not null && FileIdentity.Of(log) != file.Log)))
        {
            throw new LostFileException(path);
        }
    }

    /// <summary>Does everything that it takes to write, and takes it back.</summary>
    /// <param name="statements">What else to try in the transaction.</param>
    /// <exception cref="SqliteException">The file cannot be written now.</exception>
    /// <exception cref="LostFileException">It was deleted or replaced.</exception>
    public void TryWrite(string statements)
    {
        lock (sync)
        {
            Check();
            if (held?.Connection is { } connection)
            {
                TryWrite(connection, statements);
            }
        }
    }

    public void Dispose()
    {
        lock (sync)
        {
            held?.Connection.Dispose();
            held = null;
        }
    }

    private static void TryWrite(SqliteConnection connection, string statements)
    {
        try
        {
            Execute(connection, "BEGIN IMMEDIATE;" + statements + Fill);
        }
        finally
        {
            // Some failures have rolled it back already.
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                Execute(connection, "ROLLBACK");
            }
        }
    }

    private static bool HasLog(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        return command.ExecuteScalar() is "wal" && raw.sqlite3_db_readonly(connection.Handle, "main") == 0;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of the model and constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private sealed record Held(SqliteConnection Connection, FileIdentity? Database, FileIdentity? Log);
}

/// <summary>The file was deleted or replaced while it was in use.</summary>
internal sealed class LostFileException(string path) : IOException(
    $"The file {path} or its write-ahead log was deleted or replaced while it was in use. "
    + "Nothing can be kept there until the app is started again, or the file is put back.");

/// <summary>Tells files apart that come to have the same path one after the other.</summary>
/// <param name="Device">The device that the file is on.</param>
/// <param name="Number">The file's inode.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Number)
{
    /// <summary>The file that this path leads to now; null where there is none.</summary>
    /// <remarks>
    /// Only Linux tells it apart from an earlier one. Windows lets no program delete or replace a file that SQLite has open; elsewhere a
    /// file that is gone is noticed, and one that was replaced is not.
    /// </remarks>
    public static FileIdentity? Of(string path) =>
        OperatingSystem.IsLinux() && Statx.Find(path) is { } found ? found : File.Exists(path) ? default(FileIdentity) : null;

    // The runtime has no such call. This one has the same layout on each architecture: https://man7.org/linux/man-pages/man2/statx.2.html.
    private static class Statx
    {
        private const int WorkingDirectory = -100;
        private const uint Inode = 0x100;
        private const int Size = 256;
        private const int InodeAt = 0x20;
        private const int DeviceAt = 0x88;

        public static FileIdentity? Find(string path)
        {
            var answer = new byte[Size];
            return Call(WorkingDirectory, path, 0, Inode, answer) == 0
                ? new(MemoryMarshal.Read<ulong>(answer.AsSpan(DeviceAt)), MemoryMarshal.Read<ulong>(answer.AsSpan(InodeAt)))
                : null;
        }

        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        [DllImport("libc", EntryPoint = "statx")]
        private static extern int Call(
            int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] answer);
    }
}

using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace CommentFunctions.Data.Sqlite;

/// <summary>
/// The file itself: makes it, gives the pages that a deletion freed back to the file system, and empties the write-ahead log of what
/// was deleted.
/// </summary>
internal sealed class SqliteFile(CommentDbContext db, TimeProvider clock, Func<CancellationToken, ValueTask<IDisposable>> enterWrite)
{
    private const int TruncateAttempts = 200;
    private static readonly TimeSpan TruncatePause = TimeSpan.FromMilliseconds(25);

    // Dirty pages that do not fit into the cache are written over and over during a deletion. Only the deleting connection gets a cache
    // of 64 MiB, or each of the pool's connections could grow to that. It copies its log itself after each commit, or the next writer
    // would do that and wait.
    private const string DeletionSettings = "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 1";
    private const string UsualSettings = "PRAGMA cache_size = -2000; " + SqliteConnectionSettings.CopyLogAfter;

    // A reader that keeps the log from starting over must not keep writers waiting; the next step tries again.
    private const string ShortBusyTimeout = "PRAGMA busy_timeout = 10";
    private const string StartBusyTimeout = "PRAGMA busy_timeout = 500";
    private const string UsualBusyTimeout = SqliteConnectionSettings.BusyTimeout;

    /// <summary>Makes the file where it is missing, sets it up for several processes, and then has its tables made.</summary>
    public async Task PrepareAsync(Func<Task> upgrade, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await db.Database.ExecuteSqlRawAsync(StartBusyTimeout, cancellationToken);
            if (await RowsAsync("PRAGMA page_count", cancellationToken) is [0])
            {
                // It takes effect only before anything is in the file; turning to WAL then writes both. Setting it again writes again.
                await db.Database.ExecuteSqlRawAsync("PRAGMA auto_vacuum = INCREMENTAL", cancellationToken);
            }

            // This connection was set for what the file was before it.
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL; " + SqliteConnectionSettings.WithLog, cancellationToken);
            await upgrade();
        }
        finally
        {
            await db.Database.ExecuteSqlRawAsync(UsualBusyTimeout, CancellationToken.None);
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Does a deletion's work on one connection with settings of its own; only so does <see cref="VersionAsync"/> tell of other writers.</summary>
    public async IAsyncEnumerable<T> OnOneConnection<T>(IAsyncEnumerable<T> work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await db.Database.ExecuteSqlRawAsync(DeletionSettings, cancellationToken);
            await foreach (var item in work.WithCancellation(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            try
            {
                await db.Database.ExecuteSqlRawAsync(UsualSettings, CancellationToken.None);
            }
            finally
            {
                await db.Database.CloseConnectionAsync();
            }
        }
    }

    /// <summary>Cuts the log off as soon as no reader is in the way; gives up after a while.</summary>
    public async Task CutLogAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; !await RestartLogAsync(cutOff: true, cancellationToken) && attempt < TruncateAttempts; attempt++)
        {
            await Task.Delay(TruncatePause, clock, cancellationToken);
        }
    }

    /// <summary>Waits until this process may write.</summary>
    public ValueTask<IDisposable> EnterWriteAsync(CancellationToken cancellationToken) => enterWrite(cancellationToken);

    /// <summary>
    /// Lets the log start over, which it does not do by itself while others write, and cuts it off if asked; false if a reader or writer
    /// prevents it for the moment.
    /// </summary>
    public async Task<bool> RestartLogAsync(bool cutOff, CancellationToken cancellationToken)
    {
        // SQLite flushes the database only after a copy during which no other connection wrote. The first copy is long, the next ones are
        // short enough; then hardly anything is left to copy and to flush while writers wait.
        for (var copy = 0; copy < 3; copy++)
        {
            await RowsAsync("PRAGMA wal_checkpoint(PASSIVE)", cancellationToken);
        }

        using var writeLock = await enterWrite(cancellationToken);
        await RowsAsync(ShortBusyTimeout, cancellationToken);
        try
        {
            // The first column says whether another connection prevented it.
            return await RowsAsync($"PRAGMA wal_checkpoint({(cutOff ? "TRUNCATE" : "RESTART")})", cancellationToken) is not [1, ..];
        }
        finally
        {
            await RowsAsync(UsualBusyTimeout, CancellationToken.None);
        }
    }

    /// <summary>Gives the log and a few free pages back to the file system; returns how many pages.</summary>
    public async Task<int> GiveBackAsync(int pages, CancellationToken cancellationToken)
    {
        // First the log: freeing pages takes room in it too.
        await RestartLogAsync(cutOff: true, cancellationToken);
        int freed;
        using (await enterWrite(cancellationToken))
        {
            freed = await FreePagesAsync(pages, cancellationToken);
        }

        await RestartLogAsync(cutOff: true, cancellationToken);
        return freed;
    }

    /// <summary>A number that changes when another connection has written.</summary>
    public async Task<long> VersionAsync(CancellationToken cancellationToken) => (await RowsAsync("PRAGMA data_version", cancellationToken))[0];

    /// <summary>Frees up to so many pages that a deletion left; returns how many.</summary>
    /// <remarks>The pragma does not say what it did; the list of free pages does.</remarks>
    public async Task<int> FreePagesAsync(int pages, CancellationToken cancellationToken)
    {
        var before = await RowsAsync("PRAGMA freelist_count", cancellationToken);
        await RowsAsync($"PRAGMA incremental_vacuum({pages})", cancellationToken);
        return (int)(before[0] - (await RowsAsync("PRAGMA freelist_count", cancellationToken))[0]);
    }

    private async Task<List<long>> RowsAsync(string pragma, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = pragma;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<long> firstColumns = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            firstColumns.Add(reader.FieldCount > 0 && !await reader.IsDBNullAsync(0, cancellationToken) ? reader.GetInt64(0) : 0);
        }

        return firstColumns;
    }
}

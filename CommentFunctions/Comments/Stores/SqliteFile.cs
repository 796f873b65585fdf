using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace CommentFunctions.Comments.Stores;

/// <summary>
/// The file itself: makes it, gives the pages that a deletion freed back to the file system, and empties the write-ahead log of what
/// was deleted.
/// </summary>
internal sealed class SqliteFile(CommentDbContext db, TimeProvider clock, Func<CancellationToken, ValueTask<IDisposable?>> enterWrite)
{
    private const int FirstPages = 200;
    private const int CheckpointAttempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Makes the file and its tables where they are missing.</summary>
    /// <remarks>EnsureCreated would look for them on a read-only connection, which cannot recover the log of a process that was killed.</remarks>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            if (await RowsAsync("PRAGMA page_count", cancellationToken) is [0])
            {
                // It takes effect only before anything is in the file; turning to WAL then writes both. Setting it again writes again.
                await db.Database.ExecuteSqlRawAsync("PRAGMA auto_vacuum = INCREMENTAL", cancellationToken);
            }

            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
            var creator = db.GetService<IRelationalDatabaseCreator>();
            if (!await creator.HasTablesAsync(cancellationToken))
            {
                await creator.CreateTablesAsync(cancellationToken);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Frees what a deletion left, in steps that leave room for writers.</summary>
    public async Task ShrinkAsync(CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            var pace = new PacedSteps(clock, FirstPages, enterWrite, VersionAsync);
            while (await pace.StepAsync(cancel => FreePagesAsync(pace.Size, cancel), cancellationToken) > 0)
            {
                // Until there are none, or the file keeps them all, as one without auto_vacuum does.
            }

            // First what can be done beside writers, so that the rest, which they have to wait for, is next to nothing.
            await RowsAsync("PRAGMA wal_checkpoint(PASSIVE)", cancellationToken);
            for (var attempt = 1; !await TruncateLogAsync(cancellationToken) && attempt < CheckpointAttempts; attempt++)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>A number that changes when another connection has written.</summary>
    public async Task<long> VersionAsync(CancellationToken cancellationToken) => (await RowsAsync("PRAGMA data_version", cancellationToken))[0];

    // The pragma says nothing of what it did; the list of free pages does.
    private async Task<int> FreePagesAsync(int pages, CancellationToken cancellationToken)
    {
        var before = await RowsAsync("PRAGMA freelist_count", cancellationToken);
        await RowsAsync($"PRAGMA incremental_vacuum({pages})", cancellationToken);
        return (int)(before[0] - (await RowsAsync("PRAGMA freelist_count", cancellationToken))[0]);
    }

    // The first column says whether a reader kept the log from being emptied.
    private async Task<bool> TruncateLogAsync(CancellationToken cancellationToken)
    {
        using var turn = await enterWrite(cancellationToken);
        return (await RowsAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken)) is not [1, ..];
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

using System.Data.Common;
using System.Runtime.CompilerServices;
using CommentFunctions.Failures;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SQLitePCL;

namespace CommentFunctions.Comments.Stores;

/// <summary>Comments in a SQLite file, by default <c>.local/comments.db</c> below the content root.</summary>
public sealed class SqliteStore(IOptions<CommentOptions> options, IHostEnvironment environment, TimeProvider clock)
    : RelationalStore, IDisposable
{
    private const string DefaultConnectionString = "Data Source=.local/comments.db";

    private const int FirstStep = 1_000;

    private static readonly TimeSpan SchemaRetryPause = TimeSpan.FromMilliseconds(200);

    private SharedSaves? saves;
    private HeldSqliteFile? held;
    private string? writeStatements;

    // The provider waits for a lock by sleeping 150 ms at a time on a pool thread. Writers of this process wait here instead.
    private readonly SemaphoreSlim writers = new(1, 1);

    /// <inheritdoc/>
    public override string Name => StoreNames.Sqlite;

    /// <inheritdoc/>
    public override string Place => $"the file {File}";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(CommentOptions options)
    {
        string? problem = null;
        try
        {
            var connection = Parse(options);
            if (connection.DataSource.Length == 0 || connection.Mode == SqliteOpenMode.Memory || connection.DataSource == ":memory:")
            {
                problem = "names no file";
            }
        }
        catch (ArgumentException e)
        {
            problem = "is not a connection string for SQLite: " + e.Message;
        }

        return problem is null ? [] : [$"Comments:ConnectionString {problem}. Allowed: Data Source=<file>, such as {DefaultConnectionString}."];
    }

    /// <inheritdoc/>
    public override void Configure(DbContextOptionsBuilder options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connection = ConnectionString().ToString();
        UseTables(options.UseSqlite(connection).AddInterceptors(new SqliteConnectionSettings(connection, HeldFile.Check)));
    }

    /// <inheritdoc/>
    /// <remarks>A save that waits for its turn is carried out; it is not cancelled any more.</remarks>
    public override Task<int> SaveAsync(CommentDbContext db, bool acceptAllChanges, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        cancellationToken.ThrowIfCancellationRequested();
        return LazyInitializer.EnsureInitialized(ref saves, () => new(File + "-wal", EnterWriteAsync, HeldFile.Check)).SaveAsync(db, acceptAllChanges);
    }

    /// <inheritdoc/>
    public override async Task<string?> CheckWritableAsync(CommentDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        writeStatements ??= string.Concat(WriteStatements.Of(db).Select(statement => statement + ";"));
        try
        {
            using var turn = await EnterWriteAsync(cancellationToken);
            HeldFile.TryWrite(writeStatements);
            return null;
        }
        catch (Exception e) when (Explain(e) is { } problem)
        {
            return problem;
        }
    }

    /// <inheritdoc/>
    public override Outage? FindOutage(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is LostFileException lost)
            {
                return new(lost.Message);
            }
        }

        return base.FindOutage(exception);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<int> DeleteExpiredAsync(
        CommentDbContext db, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return FileOf(db).OnOneConnection(TablesOf(db).DeleteInRangesAsync(db, cutoff, Pace(db), cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<int> DeleteTracesAsync(
        CommentDbContext db, RecordKind kind, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return FileOf(db).OnOneConnection(kind.DeleteInRangesAsync(db, cutoff, Pace(db), cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task ForgetDeletedAsync(CommentDbContext db, CancellationToken cancellationToken)
    {
        var file = FileOf(db);
        await foreach (var _ in file.OnOneConnection(file.ShrinkAsync(cancellationToken), cancellationToken))
        {
            // The pages that a step freed are nobody's concern.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        saves?.Dispose();
        held?.Dispose();
        writers.Dispose();
    }

    /// <inheritdoc/>
    protected override void Hold() => HeldFile.Hold();

    /// <inheritdoc/>
    protected override string Remedy => "Correct the setting, or see whether the file is one of SQLite, may be written and is not held.";

    /// <inheritdoc/>
    protected override bool IsMissing(DbException exception) =>
        exception is SqliteException { SqliteErrorCode: raw.SQLITE_ERROR } && exception.Message.Contains("no such ", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override bool MakesTablesUnasked => IsOwn;

    /// <inheritdoc/>
    protected override async Task ReachAsync(CancellationToken cancellationToken)
    {
        if (IsOwn)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        }

        // Not the context's connection, whose failure would be logged as well.
        var connection = ConnectionString();
        connection.DefaultTimeout = (int)ReachTimeout.TotalSeconds;
        await using var probe = new SqliteConnection(connection.ToString());
        await probe.OpenAsync(cancellationToken);
        await using var command = probe.CreateCommand();
        command.CommandText = "PRAGMA schema_version";
        await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task CreateTablesAsync(CommentDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        if (!IsOwn)
        {
            await base.CreateTablesAsync(db, cancellationToken);
            return;
        }

        await RefuseOthersAsync(db, cancellationToken);
        var start = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await FileOf(db).CreateAsync(cancellationToken);
                return;
            }
            catch (DbException) when (clock.GetElapsedTime(start) < ReachTimeout)
            {
                // Another process that starts now may have made the tables in between, or holds the file while it turns to WAL.
                await Task.Delay(SchemaRetryPause, clock, cancellationToken);
            }
        }
    }

    // Before the file is turned to WAL: it may be the database of another app, whose name was mistyped here.
    private async Task RefuseOthersAsync(CommentDbContext db, CancellationToken cancellationToken)
    {
        if (await db.GetService<IRelationalDatabaseCreator>().HasTablesAsync(cancellationToken)
            && await FindMissingAsync(db, cancellationToken) is [var missing, ..])
        {
            throw Unusable(
                $"Comments:ConnectionString leads to {Place}, which has tables, but not those of this app ({missing.Problem}). "
                + "Name a file of the app's own, or set Comments:Schema to Django where this is a Django site's.");
        }
    }

    private async ValueTask<IDisposable> EnterWriteAsync(CancellationToken cancellationToken)
    {
        await writers.WaitAsync(cancellationToken);
        return new WriteTurn(writers);
    }

    private HeldSqliteFile HeldFile => LazyInitializer.EnsureInitialized(ref held, () => new(File, ConnectionString().ToString()));

    private string? Explain(Exception exception) => exception switch
    {
        LostFileException => "its file was deleted or replaced while it was in use. Start the app again",
        SqliteException { SqliteErrorCode: raw.SQLITE_FULL } => "its disk is full. Free some space",
        SqliteException { SqliteErrorCode: raw.SQLITE_IOERR } => "its disk fails, or is full. Free some space, and see whether the disk is sound",
        SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED } => "another program holds its file. End that one",
        SqliteException { SqliteErrorCode: raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM } => "its file may not be written",
        SqliteException { SqliteErrorCode: raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB } => "its file is damaged. Put back a copy",
        DbException e when IsMissing(e) => "it lacks a table or a column of the app",
        _ => null,
    };

    private SqliteFile FileOf(CommentDbContext db) => new(db, clock, EnterWriteAsync);

    private PacedSteps Pace(CommentDbContext db) => new(clock, FirstStep, FileOf(db));

    // A file of somebody else's keeps its journal mode and its vacuuming; only what a connection sets for itself is set.
    private bool IsOwn => SchemaNames.Find(options.Value.Schema) == SchemaNames.Own;

    private string File => ConnectionString().DataSource;

    private SqliteConnectionStringBuilder ConnectionString()
    {
        var connection = Parse(options.Value);
        connection.DataSource = Path.GetFullPath(connection.DataSource, environment.ContentRootPath);
        if (!IsOwn && connection.Mode == SqliteOpenMode.ReadWriteCreate)
        {
            // A site's file is there, or its name is mistyped.
            connection.Mode = SqliteOpenMode.ReadWrite;
        }

        return connection;
    }

    private static SqliteConnectionStringBuilder Parse(CommentOptions options) =>
        new(string.IsNullOrWhiteSpace(options.ConnectionString) ? DefaultConnectionString : options.ConnectionString);

    private sealed class WriteTurn(SemaphoreSlim writers) : IDisposable
    {
        public void Dispose() => writers.Release();
    }
}

using System.Data.Common;
using System.Runtime.CompilerServices;
using CommentFunctions.Data.Relational;
using CommentFunctions.Failures;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Data.Sqlite;

/// <summary>Comments in a SQLite file, by default <c>.local/comments.db</c> below the content root.</summary>
public sealed class SqliteStore(IOptions<CommentOptions> options, IHostEnvironment environment, TimeProvider clock)
    : RelationalStore(clock), IDisposable
{
    private const string DefaultConnectionString = "Data Source=.local/comments.db";

    private const string InMemory = ":memory:";

    private const int FirstStep = 1_000;
    private const int FirstPages = 200;

    // At the start SQLite alone waits for a file that is held: it adds up its own pauses between looks at it, so that a busy machine is
    // no reason to give up. The provider goes by the Clock, for these seconds at least, else for half a minute.
    private const int ByClock = 1;

    private const int SchemaAttempts = 4;
    private static readonly TimeSpan SchemaRetryPause = TimeSpan.FromMilliseconds(200);

    // With the check's own wait for the file, less than health waits.
    private static readonly TimeSpan CheckTurn = TimeSpan.FromSeconds(1);

    private GroupCommit? saves;
    private HeldSqliteFile? held;
    private string? writeStatements;

    // The provider waits for a lock by sleeping on a pool thread. Writers of this process wait here instead.
    private readonly SemaphoreSlim writers = new(1, 1);

    public override string Name => StoreNames.Sqlite;

    public override string Location => $"the file {File}";

    public override IEnumerable<string> Check(CommentOptions options)
    {
        string? problem = null;
        try
        {
            var connection = Parse(options);
            if (connection.DataSource.Length == 0 || connection.Mode == SqliteOpenMode.Memory || connection.DataSource == InMemory)
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

    /// <summary>The file that these settings name, where it is by a relative path; null otherwise, and where they name none.</summary>
    internal static string? FindRelativeFile(CommentOptions options)
    {
        try
        {
            return Parse(options).DataSource is { Length: > 0 } file && !Path.IsPathRooted(file) && file != InMemory ? file : null;
        }
        catch (ArgumentException)
        {
            // Check says so.
            return null;
        }
    }

    public override void Configure(DbContextOptionsBuilder options)
    {
        var connection = ConnectionString().ToString();
        UseSchema(options.UseSqlite(connection).AddInterceptors(new SqliteConnectionSettings(connection, HeldFile.Check)));
    }

    /// <remarks>A save that waits for others is carried out; it is not cancelled any more.</remarks>
    public override Task<int> SaveAsync(CommentDbContext db, bool acceptAllChanges, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return LazyInitializer.EnsureInitialized(ref saves, () => new(File + "-wal", EnterWriteAsync, HeldFile.Check)).SaveAsync(db, acceptAllChanges);
    }

    public override async Task<string?> CheckWritableAsync(CommentDbContext db, CancellationToken cancellationToken)
    {
        writeStatements ??= string.Concat(TableStatements.Writes(db).Select(statement => statement + ";"));
        using var limit = new CancellationTokenSource(CheckTurn, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        IDisposable? turn = null;
        try
        {
            turn = await EnterWriteAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A writer of this process waits for the file as well, or its write takes long: the file tells.
        }

        using (turn)
        {
            try
            {
                HeldFile.TryWrite(writeStatements);
                return null;
            }
            catch (Exception e) when (SqliteFailures.Explain(e) is { } problem)
            {
                return turn is null && SqliteFailures.IsHeld(e) ? SqliteFailures.HeldOrSlow : problem;
            }
        }
    }

    public override IAsyncEnumerable<int> DeleteAsync(
        CommentDbContext db, RecordKind kind, DateTimeOffset cutoff, ExpiryRun? countedIn, CancellationToken cancellationToken)
    {
        var file = FileOf(db);
        var batches = RecordedBatches.In(countedIn, db, new AdaptiveBatches(Clock, FirstStep, file));
        return file.OnOneConnection(SchemaOf(db).Resolve(kind).DeleteInRangesAsync(db, cutoff, batches, cancellationToken), cancellationToken);
    }

    public override async Task RemoveUserAsync(CommentDbContext db, string userName, CancellationToken cancellationToken)
    {
        using var writeLock = await EnterWriteAsync(cancellationToken);
        await base.RemoveUserAsync(db, userName, cancellationToken);
    }

    public override async Task ReclaimSpaceAsync(CommentDbContext db, CancellationToken cancellationToken)
    {
        var file = FileOf(db);
        await foreach (var _ in file.OnOneConnection(ShrinkAsync(file, cancellationToken), cancellationToken))
        {
            // The pages of a step are not counted.
        }

        async IAsyncEnumerable<int> ShrinkAsync(SqliteFile file, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var batches = new AdaptiveBatches(Clock, FirstPages, file);
            int freed;
            do
            {
                // Until there are none, or the file keeps them all, as one without auto_vacuum does.
                yield return freed = await batches.StepAsync(cancel => file.FreePagesAsync(batches.Size, cancel), cancellationToken);
            }
            while (freed > 0);

            await file.CutLogAsync(cancellationToken);
        }
    }

    public override async Task<bool> MakeRoomAsync(CommentDbContext db, Exception failure, CancellationToken cancellationToken)
    {
        if (!IsFull(failure))
        {
            return false;
        }

        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await FileOf(db).RestartLogAsync(cutOff: true, cancellationToken);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }

        return true;
    }

    public override string? FindHint(Exception failure) => IsFull(failure)
        ? $"Free some space on the disk of {Location}: steps that need less of it were tried."
        : FindOutage(failure)?.Reason;

    public void Dispose()
    {
        saves?.Dispose();
        held?.Dispose();
        writers.Dispose();
    }

    protected override void Hold() => HeldFile.Hold();

    protected override string Hint => "Correct the setting, or see whether the file is one of SQLite, may be written and is not held.";

    public override Outage? FindOutage(Exception exception) => SqliteFailures.FindOutage(exception);

    protected override bool IsMissing(DbException exception) => exception is SqliteException sqlite && SqliteFailures.IsMissing(sqlite);

    protected override bool MakesTablesUnasked => IsOwn;

    protected override Task ReachAsync(Func<DbConnection, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        if (IsOwn)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        }

        return LookAsync(ConnectionString(), look, cancellationToken);
    }

    protected override Task FindAsync(Func<DbConnection, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        var connection = ConnectionString();
        connection.Mode = connection.Mode == SqliteOpenMode.ReadWriteCreate ? SqliteOpenMode.ReadWrite : connection.Mode;
        return LookAsync(connection, look, cancellationToken);
    }

    // Not the context's connection, whose failure would be logged as well.
    private static async Task LookAsync(SqliteConnectionStringBuilder connection, Func<DbConnection, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        connection.DefaultTimeout = ByClock;
        await using var probe = new SqliteConnection(connection.ToString());
        await probe.OpenAsync(cancellationToken);
        await using var command = probe.CreateCommand();
        command.CommandText = SqliteConnectionSettings.BusyTimeout;
        await command.ExecuteNonQueryAsync(cancellationToken);
        command.CommandText = "PRAGMA schema_version";
        await command.ExecuteScalarAsync(cancellationToken);
        await look(probe, cancellationToken);
    }

    private protected override async Task UpgradeAsync(CommentDbContext db, SchemaVersions schema, int version, CancellationToken cancellationToken)
    {
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        var usual = connection.DefaultTimeout;
        connection.DefaultTimeout = ByClock;
        try
        {
            await (IsOwn ? UpgradeFileAsync(db, schema, version, cancellationToken) : base.UpgradeAsync(db, schema, version, cancellationToken));
        }
        finally
        {
            connection.DefaultTimeout = usual;
        }
    }

    private async Task UpgradeFileAsync(CommentDbContext db, SchemaVersions schema, int version, CancellationToken cancellationToken)
    {
        // Before the file is turned to WAL: it may be the database of another app, whose name was mistyped here.
        if (version == 0 && await db.GetService<IRelationalDatabaseCreator>().HasTablesAsync(cancellationToken))
        {
            throw Unusable(
                $"Comments:ConnectionString leads to {Location}, which has tables, but not those of this app. "
                + "Name a file of the app's own, or set Comments:Schema to Django where this is a Django site's.");
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await FileOf(db).PrepareAsync(() => base.UpgradeAsync(db, schema, version, cancellationToken), cancellationToken);
                return;
            }
            catch (DbException) when (attempt < SchemaAttempts)
            {
                // Another process that starts now may have made the tables in between, or holds the file while it turns to WAL.
                await Task.Delay(SchemaRetryPause, Clock, cancellationToken);
                version = await schema.FindAsync(cancellationToken);
            }
        }
    }

    private async ValueTask<IDisposable> EnterWriteAsync(CancellationToken cancellationToken)
    {
        await writers.WaitAsync(cancellationToken);
        return new WriteLock(writers);
    }

    private HeldSqliteFile HeldFile => LazyInitializer.EnsureInitialized(ref held, () => new(File, ConnectionString().ToString()));

    private SqliteFile FileOf(CommentDbContext db) => new(db, Clock, EnterWriteAsync);

    private static bool IsFull(Exception failure) =>
        failure.GetBaseException() is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL };

    // A file of another app's keeps its journal mode and its vacuuming; only what a connection sets for itself is set.
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

    private sealed class WriteLock(SemaphoreSlim writers) : IDisposable
    {
        public void Dispose() => writers.Release();
    }
}

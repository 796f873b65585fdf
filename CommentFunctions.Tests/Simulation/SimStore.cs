using System.Data.Common;
using CommentFunctions.Bot;
using CommentFunctions.Data;
using CommentFunctions.Data.Relational;
using CommentFunctions.Data.Sqlite;
using CommentFunctions.Failures;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CommentFunctions.Tests.Simulation;

/// <summary>A worker's way to the store: a real database in memory, to which each opening of a connection, each save and each step is a call.</summary>
internal sealed class SimStore(SimWorld world, SimWorker worker) : RelationalStore(world.Clock)
{
    private static string? schema;

    // A save or a step is carried out at once and as a whole.
    private bool isAtomic;

    public override string Name => StoreNames.Sqlite;

    public override string Location => "the simulation";

    /// <summary>Whether runs count what they delete; a fault to be found where they do not.</summary>
    public bool Counts { get; init; } = true;

    private string ConnectionString => world.ConnectionString;

    protected override string Hint => "";

    public override IEnumerable<string> Check(CommentOptions options) => [];

    public override void Configure(DbContextOptionsBuilder options) =>
        UseSchema(options.UseSqlite(world.ConnectionString).AddInterceptors(new Openings(this)));

    public override Outage? FindOutage(Exception exception) => SqliteFailures.FindOutage(exception);

    /// <summary>Makes the tables.</summary>
    public static void Create(SimWorld world, CommentDbContext db)
    {
        schema ??= db.Database.GenerateCreateScript();
        using var command = world.Connection.CreateCommand();
        command.CommandText = schema;
        command.ExecuteNonQuery();
    }

    public override async Task<int> SaveAsync(CommentDbContext db, bool acceptAllChanges, CancellationToken cancellationToken)
    {
        var turns = db.ChangeTracker.Entries<ConversationExchange>().Where(e => e.State == EntityState.Added).Select(e => e.Entity.Id).ToList();
        try
        {
            return await world.CallAsync(worker, SimPart.Store, $"save {Describe(db)}", () =>
            {
                var rows = Atomically(() => db.SaveAloneAsync(acceptAllChanges, CancellationToken.None));
                turns.ForEach(id => world.Facts.Sent(BotReply.IdFor(id), worker));
                return rows;
            });
        }
        catch (SqliteException e)
        {
            throw new DbUpdateException("The save failed.", e);
        }
    }

    public override IAsyncEnumerable<int> DeleteAsync(
        CommentDbContext db, RecordKind kind, DateTimeOffset cutoff, ExpiryRun? countedIn, CancellationToken cancellationToken) =>
        kind.DeleteInRangesAsync(
            db, cutoff, new Steps(this, countedIn, batches => Counts ? RecordedBatches.In(countedIn, db, batches) : batches), cancellationToken);

    protected override bool IsMissing(DbException exception) => false;

    protected override Task ReachAsync(Func<System.Data.Common.DbConnection, CancellationToken, Task> look, CancellationToken cancellationToken) => Task.CompletedTask;

    private static string Describe(CommentDbContext db) => string.Join(", ", db.ChangeTracker.Entries()
        .Where(e => e.State is not EntityState.Unchanged)
        .Select(e => $"{e.State} {e.Metadata.ClrType.Name} {e.Property(e.Metadata.FindPrimaryKey()!.Properties[0].Name).CurrentValue}"));

    private T Atomically<T>(Func<Task<T>> work)
    {
        isAtomic = true;
        try
        {
            var done = work();
            Assert.True(done.IsCompleted, "The store waited for something.");
            return done.GetAwaiter().GetResult();
        }
        finally
        {
            isAtomic = false;
        }
    }

    private async Task OpenAsync()
    {
        if (!isAtomic && !world.IsAskedForHealth)
        {
            var call = await world.BeginAsync(worker, SimPart.Store, "read");
            await world.EndAsync(call);
        }
    }

    private sealed class Openings(SimStore store) : DbConnectionInterceptor
    {
        // EF's own ones register functions at each opening, for which nothing here asks.
        public override InterceptionResult<DbConnection> ConnectionCreating(
            ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result) =>
            InterceptionResult<DbConnection>.SuppressWithResult(new SqliteConnection(store.ConnectionString));

        public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
            DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            await store.OpenAsync();
            return result;
        }
    }

    /// <summary>Small steps, each of which is a call.</summary>
    private sealed class Steps : IDeletionBatches
    {
        private readonly SimStore store;
        private readonly ExpiryRun? run;
        private readonly IDeletionBatches whole;

        public Steps(SimStore store, ExpiryRun? run, Func<IDeletionBatches, IDeletionBatches> around) =>
            (this.store, this.run, whole) = (store, run, around(new Plain()));

        public int Size => 3;

        public bool Shrink(Exception failure) => false;

        public Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken) =>
            store.Call(run is null ? "delete traces" : $"delete of run {run.Id}", () =>
            {
                var expired = store.CountOld();
                var deleted = store.Atomically(() => whole.StepAsync(work, CancellationToken.None));
                if (run is not null)
                {
                    store.Judge(run, deleted, expired - store.CountOld());
                }

                return deleted;
            });

        private sealed class Plain : IDeletionBatches
        {
            public int Size => 3;

            public Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken) => work(cancellationToken);

            public bool Shrink(Exception failure) => false;
        }
    }

    private Task<int> Call(string what, Func<int> effect) => world.CallAsync(worker, SimPart.Store, what, effect);

    private void Judge(ExpiryRun run, int deleted, long expired)
    {
        world.Facts.Deleted[run.Id] = world.Facts.Deleted.GetValueOrDefault(run.Id) + deleted;
        if (deleted != expired)
        {
            world.Facts.Wrong.Add($"Run {run.Id} deleted {deleted} comments, of which {expired} had expired.");
        }
    }

    private long CountOld() => world.Scalar($"SELECT count(*) FROM \"Comments\" WHERE \"CreatedAt\" <= {world.Clock.Now.AddDays(-1).ToUnixTimeMilliseconds()}");
}

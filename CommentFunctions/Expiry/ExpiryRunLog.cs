using System.Collections.Concurrent;
using CommentFunctions.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>
/// Keeps the records of runs. Each write has a context of its own: the job's may be what failed, and the record has to say so.
/// </summary>
public sealed partial class ExpiryRunLog(IServiceScopeFactory scopes, CommentStore store, TimeProvider clock, ILogger<ExpiryRunLog> logger)
{
    // A run that was cancelled is recorded all the same, but must not hold up the host's stop.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);

    // Among so many is nearly always one that succeeded.
    private const int Recent = 10;

    // Runs whose end could not be recorded, since the store that ended them was still away.
    private readonly ConcurrentQueue<ExpiryRun> unrecorded = new();
    private int retrying;

    /// <summary>Records a run that is asked for.</summary>
    public Task AddAsync(ExpiryRun run, CancellationToken cancellationToken) => SaveAsync(run, EntityState.Added, cancellationToken);

    /// <summary>Records that a run began, and how earlier ones of this process ended where that is still to be recorded.</summary>
    public async Task BeginAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        var state = run.Outcome == RunOutcome.Waiting ? EntityState.Modified : EntityState.Added;
        run.Outcome = RunOutcome.Running;
        await SaveAsync(run, state, cancellationToken);
        await RetryAsync();
    }

    /// <summary>Records how far a run has come.</summary>
    public Task ProgressAsync(ExpiryRun run, CancellationToken cancellationToken) => SaveAsync(run, EntityState.Modified, cancellationToken);

    /// <summary>The record of a run; null where there is none.</summary>
    public Task<ExpiryRun?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        ReadAsync(runs => runs.FirstOrDefaultAsync(run => run.Id == id, cancellationToken));

    /// <summary>The runs of the expiry of comments that have not recorded an end.</summary>
    public async Task<List<ExpiryRun>> FindOpenAsync(CancellationToken cancellationToken)
    {
        var open = await ReadAsync(runs => runs.Where(run => run.Outcome == RunOutcome.Running).ToListAsync(cancellationToken));
        // Not by the query: in Cosmos DB, records of earlier versions lack the property, and compare to nothing.
        return open.FindAll(run => run.Work is null);
    }

    /// <summary>Whether a run of the last 30 days deleted, or began to.</summary>
    public Task<bool> HaveDeletedAsync(CancellationToken cancellationToken) => ReadAsync(async runs =>
        await runs.Where(run => !run.DryRun && run.Outcome != RunOutcome.Waiting).FirstOrDefaultAsync(cancellationToken) is not null);

    /// <summary>The newest runs, newest first.</summary>
    public Task<List<ExpiryRun>> ListAsync(int limit, CancellationToken cancellationToken) =>
        ReadAsync(runs => NewestFirst(runs).Take(limit).ToListAsync(cancellationToken));

    /// <summary>The last count of what should have vanished by itself; null where there is none.</summary>
    public Task<ExpiryRun?> FindLastCountAsync(ExpiryRun run, CancellationToken cancellationToken) => ReadAsync(runs => NewestFirst(runs)
        .Where(r => r.DryRun && r.TriggeredBy == ExpiryRequest.Timer && r.OlderThan == null && r.Duration != null)
        .Where(r => r.StartedAt <= run.StartedAt && r.Id != run.Id)
        .FirstOrDefaultAsync(cancellationToken));

    /// <summary>The last runs of each kind that the app's health depends on.</summary>
    public Task<LastRuns> FindLastAsync(CancellationToken cancellationToken) => ReadAsync(async all =>
    {
        var latest = ExpiryRun.LatestStart(clock.GetUtcNow());
        // In Cosmos DB, records of versions before erasures compare to nothing, and are left out too: the next run takes their place.
        var runs = NewestFirst(all.Where(r => r.StartedAt <= latest && r.Work != ExpiryRun.Erasure));
        var recent = await runs.Take(Recent).ToListAsync(cancellationToken);
        // Where comments vanish by themselves, a scheduled run only counts.
        var counts = store.ExpiresByItself;
        var success = recent.Find(run => IsFull(run) && run.Outcome == RunOutcome.Succeeded);
        if (success is null && recent.Count == Recent)
        {
            success = await runs.FirstOrDefaultAsync(
                r => r.Outcome == RunOutcome.Succeeded && r.OlderThan == null && (!r.DryRun || (counts && r.TriggeredBy == ExpiryRequest.Timer)),
                cancellationToken);
        }

        return new LastRuns(recent.FirstOrDefault(), recent.Find(IsReal), recent.Find(IsFull) ?? success, success);

        bool IsReal(ExpiryRun run) => !run.DryRun || (counts && run.TriggeredBy == ExpiryRequest.Timer);
        bool IsFull(ExpiryRun run) => run.OlderThan is null && IsReal(run);
    });

    /// <summary>
    /// Records how a run ended, also when the run itself was cancelled, and takes over what was counted in the record. An end that cannot
    /// be recorded now is recorded as soon as the store takes it.
    /// </summary>
    public async Task EndAsync(ExpiryRun run)
    {
        using var timeout = new CancellationTokenSource(EndTimeout);
        try
        {
            await SaveAsync(run, EntityState.Modified, timeout.Token);
        }
        catch (DbUpdateConcurrencyException)
        {
            // The record is gone: another instance found that it had been kept long enough.
        }
        catch
        {
            unrecorded.Enqueue(run);
            RetrySoon();
            throw;
        }

        await TakeCountAsync(run, timeout.Token);
    }

    /// <summary>Counts what a run has to delete, beside the run, whose own context has a statement under way or settings made for deleting.</summary>
    public async Task<long> CountAsync(RecordKind kind, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await store.CountAsync(Db(scope), kind, cutoff, cancellationToken);
    }

    // Until then the record says that the run goes on, and its silence that its process died.
    private void RetrySoon()
    {
        if (!unrecorded.IsEmpty && Interlocked.Exchange(ref retrying, 1) == 0)
        {
            _ = RetryLaterAsync();
        }
    }

    private async Task RetryLaterAsync()
    {
        await Task.Delay(RetryInterval, clock);
        await RetryAsync();
        Volatile.Write(ref retrying, 0);
        RetrySoon();
    }

    private async Task RetryAsync()
    {
        try
        {
            while (unrecorded.TryDequeue(out var ended))
            {
                await EndAsync(ended);
            }
        }
        catch (ObjectDisposedException)
        {
            // The app has ended; the next run finds these silent.
            unrecorded.Clear();
        }
        catch (Exception e)
        {
            // EndAsync has queued it again, and the caller has its own work to do.
            Log.StillUnrecorded(logger, e);
        }
    }

    // The answer to a step may have been lost after its commit.
    private async Task TakeCountAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        try
        {
            run.Deleted = await FindAsync(run.Id, cancellationToken) is { } recorded ? recorded.Deleted : run.Deleted;
        }
        catch (Exception e)
        {
            Log.NotRead(logger, e, run.Id);
        }
    }

    private async Task SaveAsync(ExpiryRun run, EntityState state, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = Db(scope);
        var entry = db.Entry(run);
        entry.State = state;
        if (state == EntityState.Modified && store.CountsInRecord && !run.DryRun)
        {
            // The deletion counts there itself, and what is known here may be less.
            entry.Property(r => r.Deleted).IsModified = false;
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<T> ReadAsync<T>(Func<IQueryable<ExpiryRun>, Task<T>> read)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await read(store.Runs(Db(scope)).AsNoTracking());
    }

    private static IOrderedQueryable<ExpiryRun> NewestFirst(IQueryable<ExpiryRun> runs) =>
        runs.OrderByDescending(run => run.StartedAt).ThenByDescending(run => run.Id);

    private static CommentDbContext Db(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<CommentDbContext>();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The end of an earlier expiry run could not be recorded yet.")]
        public static partial void StillUnrecorded(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Debug, "The record of expiry run {Id} could not be read; its count may be higher than what is told of it.")]
        public static partial void NotRead(ILogger logger, Exception exception, Guid id);
    }
}

/// <summary>The last runs of the expiry job.</summary>
/// <param name="Newest">The newest of all that are no erasure; null where there was none.</param>
/// <param name="Real">The newest that was no dry run.</param>
/// <param name="Full">The newest that was to do all the work of a scheduled run, by schedule or by hand.</param>
/// <param name="Success">The newest of those that did.</param>
public sealed record LastRuns(ExpiryRun? Newest, ExpiryRun? Real, ExpiryRun? Full, ExpiryRun? Success);

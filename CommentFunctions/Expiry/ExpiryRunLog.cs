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

    private static readonly TimeSpan OwedInterval = TimeSpan.FromSeconds(10);

    // Ends that could not be recorded, since the store that ended the run was still away.
    private readonly ConcurrentQueue<ExpiryRun> owed = new();
    private int paying;

    /// <summary>Records a run that is asked for.</summary>
    public Task AddAsync(ExpiryRun run, CancellationToken cancellationToken) => SaveAsync(run, EntityState.Added, cancellationToken);

    /// <summary>Records that a run began, and how earlier ones of this process ended where that is still owed.</summary>
    public async Task BeginAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        var state = run.Outcome == RunOutcome.Waiting ? EntityState.Modified : EntityState.Added;
        run.Outcome = RunOutcome.Running;
        await SaveAsync(run, state, cancellationToken);
        await PayAsync();
    }

    /// <summary>Records how far a run has come.</summary>
    public Task ProgressAsync(ExpiryRun run, CancellationToken cancellationToken) => SaveAsync(run, EntityState.Modified, cancellationToken);

    /// <summary>The record of a run; null where there is none.</summary>
    public async Task<ExpiryRun?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();
        return await store.Runs(db).AsNoTracking().FirstOrDefaultAsync(run => run.Id == id, cancellationToken);
    }

    /// <summary>The runs that have not recorded an end.</summary>
    public async Task<List<ExpiryRun>> FindOpenAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();
        return await store.Runs(db).AsNoTracking().Where(run => run.Outcome == RunOutcome.Running).ToListAsync(cancellationToken);
    }

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
            owed.Enqueue(run);
            PaySoon();
            throw;
        }

        await TakeCountAsync(run, timeout.Token);
    }

    /// <summary>The last count of what should have vanished by itself; null where there is none.</summary>
    public async Task<ExpiryRun?> FindLastCountAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();
        return await store.Runs(db).AsNoTracking()
            .Where(r => r.DryRun && r.TriggeredBy == ExpiryRequest.Timer && r.OlderThan == null && r.Duration != null && r.StartedAt <= run.StartedAt && r.Id != run.Id)
            .OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Id)
            .FirstOrDefaultAsync(cancellationToken);
    }

    // Until then the record says that the run goes on, and its silence that its process died.
    private void PaySoon()
    {
        if (!owed.IsEmpty && Interlocked.Exchange(ref paying, 1) == 0)
        {
            _ = PayLaterAsync();
        }
    }

    private async Task PayLaterAsync()
    {
        await Task.Delay(OwedInterval, clock);
        await PayAsync();
        Volatile.Write(ref paying, 0);
        PaySoon();
    }

    private async Task PayAsync()
    {
        try
        {
            while (owed.TryDequeue(out var ended))
            {
                await EndAsync(ended);
            }
        }
        catch (ObjectDisposedException)
        {
            // The app has ended; who comes next finds runs without a sign of life.
            owed.Clear();
        }
        catch (Exception e)
        {
            // It stays owed; others have work to do.
            Log.StillOwed(logger, e);
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
        var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();
        var entry = db.Entry(run);
        entry.State = state;
        if (state == EntityState.Modified && store.CountsInRecord && !run.DryRun)
        {
            // The deletion counts there itself, and what is known here may be less.
            entry.Property(r => r.Deleted).IsModified = false;
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The end of an earlier expiry run could not be recorded yet.")]
        public static partial void StillOwed(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Debug, "The record of expiry run {Id} could not be read; its count may be higher than what is told of it.")]
        public static partial void NotRead(ILogger logger, Exception exception, Guid id);
    }
}

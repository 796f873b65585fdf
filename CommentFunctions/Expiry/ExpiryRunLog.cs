using System.Collections.Concurrent;
using CommentFunctions.Comments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Expiry;

/// <summary>
/// Keeps the records of runs. Each write has a context of its own: the job's may be what failed, and the record has to say so.
/// </summary>
public sealed class ExpiryRunLog(IServiceScopeFactory scopes)
{
    // A run that was cancelled is recorded all the same, but must not hold up the host's stop.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);

    // Ends that could not be recorded, since the store that ended the run was still away.
    private readonly ConcurrentQueue<ExpiryRun> owed = new();

    /// <summary>Records that a run began, and how earlier ones of this process ended where that is still owed.</summary>
    public async Task BeginAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        await SaveAsync(run, EntityState.Added, cancellationToken);
        while (owed.TryDequeue(out var ended))
        {
            await EndAsync(ended);
        }
    }

    /// <summary>
    /// Records how a run ended, also when the run itself was cancelled. An end that cannot be recorded now is recorded with the
    /// next run's beginning.
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
            throw;
        }
    }

    private async Task SaveAsync(ExpiryRun run, EntityState state, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();
        db.Entry(run).State = state;
        await db.SaveChangesAsync(cancellationToken);
    }
}

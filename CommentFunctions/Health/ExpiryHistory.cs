using CommentFunctions.Comments;
using CommentFunctions.Comments.Stores;
using CommentFunctions.Expiry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Health;

/// <summary>Asks the store for the last runs of the expiry job, and so whether it answers at all.</summary>
public sealed class ExpiryHistory(IServiceScopeFactory scopes, CommentStore store, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The last runs.</summary>
    /// <exception cref="TimeoutException">The store did not answer in time.</exception>
    public async Task<LastRuns> ReadAsync(CancellationToken cancellationToken)
    {
        // SQLite's provider does its work before it returns a task, so only another thread can be waited for with a limit; and a
        // query that is given up on goes on, so it has a context of its own.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var query = Task.Run(() => QueryAsync(limit.Token), limit.Token);
        try
        {
            return await query.WaitAsync(Patience, cancellationToken);
        }
        catch
        {
            await limit.CancelAsync();
            throw;
        }
    }

    private async Task<LastRuns> QueryAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var latest = ExpiryRun.LatestStart(clock.GetUtcNow());
        var runs = store.Runs(scope.ServiceProvider.GetRequiredService<CommentDbContext>()).AsNoTracking()
            .Where(r => r.StartedAt <= latest)
            .OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Id);
        var last = await runs.FirstOrDefaultAsync(cancellationToken);
        // Where comments vanish by themselves, a scheduled run only counts.
        var counts = store.ExpiresByItself;
        var success = await runs.FirstOrDefaultAsync(
            r => r.Outcome == RunOutcome.Succeeded && r.OlderThan == null && (!r.DryRun || (counts && r.TriggeredBy == ExpiryRequest.Timer)),
            cancellationToken);
        return new(last, success);
    }
}

/// <summary>The last runs of the expiry job.</summary>
/// <param name="Newest">The newest of all; null where there was none.</param>
/// <param name="Success">The newest that did all the work of a scheduled run, whoever asked for it.</param>
public sealed record LastRuns(ExpiryRun? Newest, ExpiryRun? Success);

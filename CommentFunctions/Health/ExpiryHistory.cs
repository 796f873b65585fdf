using CommentFunctions.Data;
using CommentFunctions.Expiry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Health;

/// <summary>Asks the store for the last runs of the expiry job.</summary>
public sealed class ExpiryHistory(IServiceScopeFactory scopes, CommentStore store, TimeProvider clock)
{
    // Among so many is nearly always one that succeeded.
    private const int Recent = 10;

    // Clocks of machines differ by less. What is further ahead was recorded before a clock was set back, and is not the last.
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1);

    /// <summary>The last runs.</summary>
    public async Task<LastRuns> ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var latest = ExpiryRun.LatestStart(clock.GetUtcNow());
        var runs = store.Runs(scope.ServiceProvider.GetRequiredService<CommentDbContext>()).AsNoTracking()
            .Where(r => r.StartedAt <= latest)
            .OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Id);
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

        return new(recent.FirstOrDefault(), recent.Find(IsReal), recent.Find(IsFull) ?? success, success);

        bool IsReal(ExpiryRun run) => !run.DryRun || (counts && run.TriggeredBy == ExpiryRequest.Timer);
        bool IsFull(ExpiryRun run) => run.OlderThan is null && IsReal(run);
    }
}

/// <summary>The last runs of the expiry job.</summary>
/// <param name="Newest">The newest of all; null where there was none.</param>
/// <param name="Real">The newest that was no dry run.</param>
/// <param name="Full">The newest that was to do all the work of a scheduled run, whoever asked for it.</param>
/// <param name="Success">The newest of those that did.</param>
public sealed record LastRuns(ExpiryRun? Newest, ExpiryRun? Real, ExpiryRun? Full, ExpiryRun? Success);

using CommentFunctions.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>
/// Lets one of several instances that share a store do the run of a scheduled time: the id of its record follows from that time, and a
/// store takes an id once. The Functions host sees to that itself, a local runtime only for its own folder.
/// </summary>
public sealed partial class ScheduledRuns(ExpiryRunLog runs, RunsAtWork atWork, ILogger<ScheduledRuns> logger)
{
    /// <summary>Records that a run began, or finds that of another instance which does it or did.</summary>
    /// <param name="tick">The scheduled time.</param>
    /// <param name="run">The run, whose id changes where it is the first of this time.</param>
    /// <param name="begin">Records that it began.</param>
    /// <param name="cancellationToken">Ends the waiting for another.</param>
    /// <returns>The other instance's run; null where this one began.</returns>
    public async Task<ExpiryRun?> BeginAsync(DateTimeOffset tick, ExpiryRun run, Func<Task> begin, CancellationToken cancellationToken)
    {
        var (own, first) = (run.Id, TimeOrderedIds.Of(tick));
        if (await runs.FindAsync(first, cancellationToken) is null)
        {
            run.Id = first;
            try
            {
                await begin();
                return null;
            }
            catch (DbUpdateException)
            {
                // Both at once, perhaps.
                if (await runs.FindAsync(first, cancellationToken) is null)
                {
                    throw;
                }
            }

            (run.Id, run.Outcome) = (own, RunOutcome.Running);
        }

        if (await FindOtherAsync(first, run, cancellationToken) is { } other)
        {
            Log.Others(logger, tick, other.Id);
            return other;
        }

        await begin();
        return null;
    }

    // A run that failed, or lost its process, is made up for.
    private async Task<ExpiryRun?> FindOtherAsync(Guid id, ExpiryRun run, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(id, cancellationToken) is { Outcome: RunOutcome.Running } working && await atWork.WaitAsync(run, cancellationToken) is not null)
        {
            return working;
        }

        return await runs.FindAsync(id, cancellationToken) is { Outcome: RunOutcome.Succeeded or RunOutcome.Incomplete or RunOutcome.Running } other ? other : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The run of {Tick:O} is another instance's: {Id}.")]
        public static partial void Others(ILogger logger, DateTimeOffset tick, Guid id);
    }
}

using CommentFunctions.Comments;
using CommentFunctions.Comments.Stores;
using CommentFunctions.Expiry.Progress;
using CommentFunctions.Time;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>
/// Deletes the comments that have expired, and what is kept beside them, and records the run. Safe to run twice at once: each
/// comment is deleted and counted by one of the runs.
/// </summary>
public sealed partial class ExpiryJob(
    CommentDbContext db,
    CommentStore store,
    ExpiryRunLog runs,
    ExpiryWatches watches,
    ExpiryMetrics metrics,
    Retention retention,
    TimeOrderedIds ids,
    TimeProvider clock,
    ILogger<ExpiryJob> logger)
{
    private static readonly TimeSpan RunsAreKept = TimeSpan.FromDays(30);

    // A queue gives a message up after a day at the latest; until then a repeat of a delivered reply has to be known.
    private static readonly TimeSpan DeliveriesAreKept = TimeSpan.FromDays(1);

    /// <summary>Runs once and returns the run's record. An exception that ends the run is recorded, then thrown again.</summary>
    public async Task<ExpiryRun> RunAsync(ExpiryRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var start = clock.GetTimestamp();
        var now = retention.Now;
        var run = new ExpiryRun
        {
            Id = ids.Next(),
            TriggeredBy = request.TriggeredBy,
            StartedAt = now,
            Cutoff = now - (request.OlderThan?.InMilliseconds() ?? retention.Age),
            OlderThan = request.OlderThan,
            DryRun = request.DryRun,
        };
        await runs.BeginAsync(run, cancellationToken);
        try
        {
            await (request.DryRun ? CountAsync(run, cancellationToken) : DeleteAsync(run, cancellationToken));
            run.Outcome = RunOutcome.Succeeded;
        }
        catch (StoreThrottledException e)
        {
            run.Outcome = RunOutcome.Incomplete;
            run.Error = Describe(e);
        }
        catch (Exception e)
        {
            run.Outcome = e is OperationCanceledException && cancellationToken.IsCancellationRequested
                ? RunOutcome.Cancelled
                : RunOutcome.Failed;
            run.Error = Describe(e);
            throw;
        }
        finally
        {
            run.Duration = clock.GetElapsedTime(start).InMilliseconds();
            metrics.Ended(run);
            await EndAsync(run);
        }

        return run;
    }

    private async Task CountAsync(ExpiryRun run, CancellationToken cancellationToken) =>
        run.Deleted = await store.CountExpiredAsync(db, run.Cutoff, cancellationToken);

    private async Task DeleteAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        await using var watch = watches.Begin(run);
        await foreach (var deleted in store.DeleteExpiredAsync(db, run.Cutoff, cancellationToken))
        {
            run.Deleted += deleted;
            metrics.Deleted(deleted);
            await watch.StepAsync(cancellationToken);
        }

        var dayAgo = run.StartedAt - DeliveriesAreKept;
        var cutoffs = new TraceCutoffs(run.Cutoff, run.Cutoff < dayAgo ? run.Cutoff : dayAgo, run.StartedAt - RunsAreKept);
        await foreach (var _ in store.DeleteTracesAsync(db, cutoffs, cancellationToken))
        {
            // Only comments are counted, but the run still goes on.
            await watch.StepAsync(cancellationToken);
        }

        // Also after a run that found nothing: an earlier one may have died between its deletion and this.
        await store.ForgetDeletedAsync(db, cancellationToken);
    }

    private async Task EndAsync(ExpiryRun run)
    {
        try
        {
            await runs.EndAsync(run);
        }
        catch (Exception e) when (run.Outcome is RunOutcome.Failed or RunOutcome.Cancelled)
        {
            // The exception that ended the run says more than this one.
            Log.NotRecorded(logger, e, run.Id);
        }

        Log.Ended(logger, run.Id, run.TriggeredBy, run.Outcome, run.Deleted, run.DryRun, run.Cutoff, run.Duration ?? TimeSpan.Zero);
    }

    // The first line, cut: enough to know what to look for in the log. Messages of the stores quote statements, never values.
    private static string Describe(Exception exception)
    {
        var message = exception.Message.Split('\n', 2)[0].Trim();
        return $"{exception.GetType().Name}: {(message.Length > 200 ? message[..200] : message)}";
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "Expiry run {Id} by {TriggeredBy}: {Outcome}, {Deleted} comments (dry run: {DryRun}) up to {Cutoff:O} in {Duration}.")]
        public static partial void Ended(
            ILogger logger, Guid id, string triggeredBy, RunOutcome outcome, long deleted, bool dryRun, DateTimeOffset cutoff, TimeSpan duration);

        [LoggerMessage(2, LogLevel.Error, "The end of expiry run {Id} could not be recorded.")]
        public static partial void NotRecorded(ILogger logger, Exception exception, Guid id);
    }
}

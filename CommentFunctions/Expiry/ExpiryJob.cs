using CommentFunctions.Data;
using CommentFunctions.Failures;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>
/// Deletes the comments that have expired, and what is kept beside them, and records the run. One run deletes at a time; and where two
/// do all the same, each comment is deleted and counted by one of them.
/// </summary>
public sealed partial class ExpiryJob(
    CommentDbContext db,
    CommentStore store,
    ExpiryRunLog runs,
    ExclusiveRuns exclusive,
    IExpiryReporter reporter,
    ExpiryMetrics metrics,
    Retention retention,
    TimeOrderedIds ids,
    TimeProvider clock,
    ILogger<ExpiryJob> logger)
{
    // Time to live counts from a comment's arrival at the store, a moment after its own time.
    private static readonly TimeSpan OverdueGrace = TimeSpan.FromMinutes(5);

    /// <summary>The run of a request; nothing is recorded yet.</summary>
    public ExpiryRun Plan(ExpiryRequest request)
    {
        var now = retention.Now;
        return new ExpiryRun
        {
            Id = ids.Next(),
            TriggeredBy = request.TriggeredBy,
            StartedAt = now,
            Cutoff = now - (request.OlderThan?.InMilliseconds() ?? retention.Age)
                - (request.Overdue ? store.SlackOfExpiry + OverdueGrace : TimeSpan.Zero),
            Work = request.UserName is null ? null : ExpiryRun.Erasure,
            OlderThan = request.OlderThan,
            DryRun = request.DryRun || request.Overdue,
        };
    }

    /// <summary>
    /// Runs once and returns the run's record; that of another instance where this is its run. An exception that ends the run is recorded,
    /// then thrown again.
    /// </summary>
    public async Task<ExpiryRun> RunAsync(ExpiryRequest request, CancellationToken cancellationToken)
    {
        var run = Plan(request);
        Task Begin() => BeginAsync(run, cancellationToken);
        if (request.Tick is not { } tick)
        {
            await Begin();
        }
        else if (await exclusive.BeginScheduledAsync(tick, run, Begin, cancellationToken) is { } other)
        {
            return other;
        }

        await RunAsync(run, request, cancellationToken);
        return run;
    }

    /// <summary>Does the run that was recorded as waiting, up to the time when it was asked for; nothing where it does not wait any more.</summary>
    /// <param name="waiting">The run's id.</param>
    /// <param name="userName">The user to erase; null where comments expire.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task RunWaitingAsync(Guid waiting, string? userName, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(waiting, cancellationToken) is not { Outcome: RunOutcome.Waiting } run)
        {
            Log.NotWaiting(logger, waiting);
            return;
        }

        run.StartedAt = retention.Now;
        await BeginAsync(run, cancellationToken);
        await RunAsync(run, new ExpiryRequest(run.TriggeredBy, run.OlderThan) { UserName = userName }, cancellationToken);
    }

    private async Task RunAsync(ExpiryRun run, ExpiryRequest request, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        try
        {
            await (request.Overdue ? CountOverdueAsync(run, cancellationToken)
                : request.DryRun ? CountAsync(run, KindOf(request), cancellationToken)
                : DeleteAsync(run, request, cancellationToken));
            run.Outcome = run.Error is null ? RunOutcome.Succeeded : RunOutcome.Incomplete;
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
            if (run.Work is null)
            {
                metrics.Ended(run);
            }

            await EndAsync(run);
        }
    }

    private async Task BeginAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        try
        {
            await runs.BeginAsync(run, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A deletion makes room, if there is enough to begin with.
            if (!await store.MakeRoomAsync(db, e, cancellationToken))
            {
                throw;
            }

            await runs.BeginAsync(run, cancellationToken);
        }
    }

    private static RecordKind KindOf(ExpiryRequest request) => request.UserName is { } user ? RecordKinds.CommentsOf(user) : RecordKinds.Comments;

    private async Task CountAsync(ExpiryRun run, RecordKind kind, CancellationToken cancellationToken) =>
        run.Deleted = await store.CountAsync(db, kind, run.Cutoff, cancellationToken);

    private async Task CountOverdueAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        await CountAsync(run, RecordKinds.Comments, cancellationToken);
        if (await runs.FindLastCountAsync(run, cancellationToken) is { } last && run.Deleted > last.Deleted)
        {
            throw new InvalidOperationException(
                $"{run.Deleted} comments should have vanished by themselves, {last.Deleted} at the last count. See whether the containers "
                + "have their time to live, or set Comments:ExpireBy to Job.");
        }
    }

    private async Task DeleteAsync(ExpiryRun run, ExpiryRequest request, CancellationToken cancellationToken)
    {
        if (request.UserName is null && await exclusive.WaitForEarlierAsync(run, cancellationToken) is { } other)
        {
            run.Error = $"Run {other} is at work. What it leaves is for the next run.";
            return;
        }

        await using var heartbeat = new ExpiryRunHeartbeat(run, runs, clock, logger);
        await using var progress = new ExpiryProgressTracker(run, cancel => runs.CountAsync(KindOf(request), run.Cutoff, cancel), reporter, clock, logger);
        try
        {
            await (request.UserName is { } user
                ? EraseAsync(run, user, progress, cancellationToken)
                : ExpireAsync(run, progress, cancellationToken));
            // Also after a run that found nothing: an earlier one may have died between its deletion and this.
            await store.ReclaimSpaceAsync(db, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await progress.StopAsync();
            throw;
        }
    }

    // The user goes last: an erasure that was interrupted is asked for again.
    private async Task EraseAsync(ExpiryRun run, string userName, ExpiryProgressTracker progress, CancellationToken cancellationToken)
    {
        await DeleteAsync(RecordKinds.CommentsOf(userName), run.Cutoff, run, progress, cancellationToken);
        await DeleteAsync(RecordKinds.ExchangesQuoting(userName), run.Cutoff, null, progress, cancellationToken);
        await store.RemoveUserAsync(db, userName, cancellationToken);
    }

    private async Task ExpireAsync(ExpiryRun run, ExpiryProgressTracker progress, CancellationToken cancellationToken)
    {
        await DeleteAsync(RecordKinds.Comments, run.Cutoff, run, progress, cancellationToken);
        foreach (var kind in RecordKinds.Related)
        {
            await DeleteAsync(kind, kind.Cutoff(run.Cutoff, run.StartedAt), null, progress, cancellationToken);
        }
    }

    private async Task DeleteAsync(
        RecordKind kind, DateTimeOffset cutoff, ExpiryRun? countedIn, ExpiryProgressTracker progress, CancellationToken cancellationToken)
    {
        await foreach (var deleted in store.DeleteAsync(db, kind, cutoff, countedIn, cancellationToken))
        {
            // Only comments are counted, but the run still goes on.
            if (countedIn is not null)
            {
                countedIn.Deleted += deleted;
                metrics.Deleted(countedIn.Work is null ? deleted : 0);
            }

            await progress.StepAsync(cancellationToken);
        }
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

        Log.Ended(logger, run.Work is null ? "Expiry" : "Erasure", run.Id, run.TriggeredBy, run.Outcome, run.Deleted, run.DryRun, run.Cutoff, run.Duration ?? TimeSpan.Zero);
    }

    // The first line, cut: enough to know what to look for in the log. Messages of the stores quote statements, never values.
    private string Describe(Exception exception)
    {
        var message = exception.Message.FirstLine();
        return $"{exception.GetType().Name}: {(message.Length > 200 ? message[..200] : message)} {store.FindHint(exception)}".TrimEnd();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "{Work} run {Id} by {TriggeredBy}: {Outcome}, {Deleted} comments (dry run: {DryRun}) up to {Cutoff:O} in {Duration}.")]
        public static partial void Ended(
            ILogger logger, string work, Guid id, string triggeredBy, RunOutcome outcome, long deleted, bool dryRun, DateTimeOffset cutoff, TimeSpan duration);

        [LoggerMessage(3, LogLevel.Information, "Expiry run {Id} does not wait any more: it was begun before, or is not known.")]
        public static partial void NotWaiting(ILogger logger, Guid id);

        [LoggerMessage(2, LogLevel.Error, "The end of expiry run {Id} could not be recorded.")]
        public static partial void NotRecorded(ILogger logger, Exception exception, Guid id);
    }
}

/// <summary>What a run of the expiry job is asked to do.</summary>
/// <param name="TriggeredBy">Who asks, as <see cref="ExpiryRun.TriggeredBy"/> has it.</param>
/// <param name="OlderThan">The age that takes the place of the retention in this run; null for the retention.</param>
/// <param name="DryRun">Whether to count only.</param>
/// <param name="Overdue">
/// Whether to count only, and only those that should have vanished by themselves: more of them than at the last time are a failure.
/// </param>
/// <param name="Tick">Its scheduled time, which has one run, however many instances share the store; null for a run by hand.</param>
public sealed record ExpiryRequest(
    string TriggeredBy, TimeSpan? OlderThan = null, bool DryRun = false, bool Overdue = false, DateTimeOffset? Tick = null)
{
    /// <summary>The user who is erased with everything they wrote; null where comments expire.</summary>
    public string? UserName { get; init; }

    /// <summary>The schedule asks.</summary>
    public const string Timer = "timer";

    /// <summary>Who asks, without a name: the timer, or <c>operator</c>.</summary>
    public static string KindOf(string triggeredBy) => triggeredBy == Timer ? Timer : "operator";
}

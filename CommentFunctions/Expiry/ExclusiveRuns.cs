using CommentFunctions.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>
/// Lets one run delete at a time, in whatever process, and one of several instances do the run of a scheduled time. Two at once would
/// do no harm, but ask the store for the same twice.
/// </summary>
public sealed partial class ExclusiveRuns(ExpiryRunLog records, TimeProvider clock, ILogger<ExclusiveRuns> logger)
{
    // A run that shows nothing for so long has lost its process. If it only was slow, the two share the work.
    private static readonly TimeSpan LongestSilence = 3 * ExpiryRunHeartbeat.Interval;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Waits until no earlier run is at work, and returns null; or the id of one that goes on working. Those whose process died are
    /// recorded as interrupted.
    /// </summary>
    /// <param name="run">The run that wants to begin, recorded already.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<Guid?> WaitForEarlierAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        Dictionary<Guid, TimeSpan?> seen = [];
        for (var pause = FirstPause; ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            var others = (await records.FindOpenAsync(cancellationToken)).Where(other => IsBefore(other, run)).ToList();
            var silent = others.FindAll(other => other.IsSilent(run.StartedAt) || clock.GetElapsedTime(start) > LongestSilence);
            foreach (var dead in silent)
            {
                await CloseAsync(dead);
            }

            others.RemoveAll(silent.Contains);
            if (others.Count == 0)
            {
                return null;
            }

            if (others.Find(other => seen.TryGetValue(other.Id, out var before) && before != other.Duration) is { } alive)
            {
                return alive.Id;
            }

            others.ForEach(other => seen[other.Id] = other.Duration);
            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    /// <summary>
    /// Records that the run of a scheduled time began, or finds that of another instance which does it or did: the id of the record
    /// follows from that time, and a store takes an id once. The Functions host sees to that itself, a local runtime only for its own folder.
    /// </summary>
    /// <param name="tick">The scheduled time.</param>
    /// <param name="run">The run, whose id changes where it is the first of this time.</param>
    /// <param name="begin">Records that it began.</param>
    /// <param name="cancellationToken">Ends the waiting for another.</param>
    /// <returns>The other instance's run; null where this one began.</returns>
    public async Task<ExpiryRun?> BeginScheduledAsync(DateTimeOffset tick, ExpiryRun run, Func<Task> begin, CancellationToken cancellationToken)
    {
        var (own, first) = (run.Id, TimeOrderedIds.Of(tick));
        if (await records.FindAsync(first, cancellationToken) is null)
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
                if (await records.FindAsync(first, cancellationToken) is null)
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

    private static bool IsBefore(ExpiryRun other, ExpiryRun run) =>
        !other.DryRun && (other.StartedAt, other.Id).CompareTo((run.StartedAt, run.Id)) < 0;

    private async Task CloseAsync(ExpiryRun dead)
    {
        dead.Outcome = RunOutcome.Interrupted;
        try
        {
            await records.EndAsync(dead);
            Log.Closed(logger, dead.Id, dead.Deleted);
        }
        catch (Exception e)
        {
            // It stays as it is for the next run; this one has work to do.
            Log.NotClosed(logger, e, dead.Id);
        }
    }

    // A run that failed, or lost its process, is made up for.
    private async Task<ExpiryRun?> FindOtherAsync(Guid id, ExpiryRun run, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(id, cancellationToken) is { Outcome: RunOutcome.Running } working
            && await WaitForEarlierAsync(run, cancellationToken) is not null)
        {
            return working;
        }

        var other = await records.FindAsync(id, cancellationToken);
        return other is { Outcome: RunOutcome.Succeeded or RunOutcome.Incomplete or RunOutcome.Running } ? other : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "Expiry run {Id} lost its process after it had recorded {Deleted} deleted comments; it is recorded as interrupted.")]
        public static partial void Closed(ILogger logger, Guid id, long deleted);

        [LoggerMessage(2, LogLevel.Warning, "Expiry run {Id} lost its process, and that could not be recorded.")]
        public static partial void NotClosed(ILogger logger, Exception exception, Guid id);

        [LoggerMessage(3, LogLevel.Information, "The run of {Tick:O} is another instance's: {Id}.")]
        public static partial void Others(ILogger logger, DateTimeOffset tick, Guid id);
    }
}

/// <summary>Writes the record of a run that is at work every few seconds: how far it has come, and that its process lives.</summary>
internal sealed partial class ExpiryRunHeartbeat : IAsyncDisposable
{
    /// <summary>How often the record is written.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ExpiryRun run;
    private readonly ExpiryRunLog records;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly long start;
    private readonly CancellationTokenSource ended = new();
    private readonly ITimer timer;
    private Task writing = Task.CompletedTask;

    public ExpiryRunHeartbeat(ExpiryRun run, ExpiryRunLog records, TimeProvider clock, ILogger logger)
    {
        (this.run, this.records, this.clock, this.logger, start) = (run, records, clock, logger, clock.GetTimestamp());
        timer = clock.CreateTimer(_ => writing = WriteAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Nothing is written any more after this.</summary>
    public async ValueTask DisposeAsync()
    {
        // Waits for a write that is about to begin.
        await timer.DisposeAsync();
        EndWriting();
        await writing;
        ended.Dispose();
    }

    private void EndWriting() => ended.Cancel();

    private async Task WriteAsync()
    {
        try
        {
            await records.ProgressAsync(run.After(clock.GetElapsedTime(start).InMilliseconds()), ended.Token);
        }
        catch (Exception) when (ended.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            // The work itself says what is wrong with the store.
            Log.NotWritten(logger, e, run.Id);
        }

        timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    private static partial class Log
    {
        [LoggerMessage(101, LogLevel.Debug, "How far expiry run {Id} has come could not be recorded.")]
        public static partial void NotWritten(ILogger logger, Exception exception, Guid id);
    }
}

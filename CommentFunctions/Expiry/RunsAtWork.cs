using CommentFunctions.Data;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>
/// Lets one run delete at a time, in whatever process: two at once would do no harm, but ask the store for the same twice. A run shows
/// that it lives by its record, which it writes every few seconds.
/// </summary>
public sealed partial class RunsAtWork(ExpiryRunLog records, TimeProvider clock, ILogger<RunsAtWork> logger)
{
    /// <summary>How often a run writes its record while it works.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);

    // A run that shows nothing for so long has lost its process. If it only was slow, the two share the work.
    private static readonly TimeSpan LongestSilence = 3 * HeartbeatInterval;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Waits until no earlier run is at work, and returns null; or the id of one that goes on working. Those whose process died are
    /// recorded as interrupted.
    /// </summary>
    /// <param name="run">The run that wants to begin, recorded already.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<Guid?> WaitAsync(ExpiryRun run, CancellationToken cancellationToken)
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Expiry run {Id} lost its process after it had recorded {Deleted} deleted comments; it is recorded as interrupted.")]
        public static partial void Closed(ILogger logger, Guid id, long deleted);

        [LoggerMessage(2, LogLevel.Warning, "Expiry run {Id} lost its process, and that could not be recorded.")]
        public static partial void NotClosed(ILogger logger, Exception exception, Guid id);
    }
}

using CommentFunctions.Data;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>How far a run of the expiry job has come.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="Deleted">The comments deleted so far.</param>
/// <param name="PerSecond">The comments deleted per second, on average over the run.</param>
/// <param name="Rest">The comments still to be deleted; null where that is not known.</param>
public sealed record ExpiryProgress(Guid Run, long Deleted, long PerSecond, long? Rest);

/// <summary>Shows how far a run of the expiry job has come. One instance for the process.</summary>
public interface IExpiryReporter
{
    /// <summary>How long a run lasts before it is worth a report, and a count of what there is to delete.</summary>
    TimeSpan FirstAfter { get; }

    /// <summary>The least time between two reports of a run.</summary>
    TimeSpan Interval { get; }

    void Report(ExpiryProgress progress);

    /// <summary>Tells how far a run had come when it was stopped; the job itself logs how it ended.</summary>
    void Stopped(ExpiryProgress progress)
    {
    }

    /// <summary>There will be no more reports of this run, whether it succeeded or not, and perhaps there was none.</summary>
    void Finish(Guid run)
    {
    }
}

/// <summary>Reports to the log, a line every five seconds at most.</summary>
public sealed partial class ExpiryProgressLog(ILogger<ExpiryProgressLog> logger) : IExpiryReporter
{
    public TimeSpan FirstAfter => Interval;

    public TimeSpan Interval { get; } = TimeSpan.FromSeconds(5);

    public void Report(ExpiryProgress progress)
    {
        if (progress.Rest is { } rest)
        {
            Log.Progress(logger, progress.Run, progress.Deleted, progress.PerSecond, rest);
        }
        else
        {
            Log.ProgressOfUnknown(logger, progress.Run, progress.Deleted, progress.PerSecond);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "Expiry run {Id}: {Deleted} comments deleted so far, {PerSecond} per second, {Rest} to go.")]
        public static partial void Progress(ILogger logger, Guid id, long deleted, long perSecond, long rest);

        [LoggerMessage(2, LogLevel.Information,
            "Expiry run {Id}: {Deleted} comments deleted so far, {PerSecond} per second; how many are to go is not known.")]
        public static partial void ProgressOfUnknown(ILogger logger, Guid id, long deleted, long perSecond);
    }
}

/// <summary>
/// Follows one run and decides when it is time for a report. It has no timer: the run tells it after each step, and a run that
/// ends soon costs nothing.
/// </summary>
/// <param name="run">The run, whose <see cref="ExpiryRun.Deleted"/> rises.</param>
/// <param name="count">Counts what there is still to delete, beside the run, which goes on where that fails.</param>
/// <param name="reporter">Shows the progress.</param>
/// <param name="clock">Measures the run.</param>
/// <param name="logger">Takes a failure to count.</param>
internal sealed partial class ExpiryProgressTracker(
    ExpiryRun run, Func<CancellationToken, Task<long>> count, IExpiryReporter reporter, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private readonly long start = clock.GetTimestamp();
    private readonly CancellationTokenSource ended = new();
    private TimeSpan next = reporter.FirstAfter;
    private (long Deleted, TimeSpan At) latest;
    private (long DeletedBefore, Task<long?> Count)? rest;

    /// <summary>How long the run waits for the count, once; a longer one goes on beside the deletion.</summary>
    public TimeSpan CountTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Has to be called after each step of the run; cancelling only ends the waiting for the count.</summary>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        var elapsed = clock.GetElapsedTime(start);
        if (run.Deleted != latest.Deleted)
        {
            // What else a run deletes takes its time too, which does not belong to the rate of the comments.
            latest = (run.Deleted, elapsed);
        }

        if (elapsed < next)
        {
            return;
        }

        await CountAsync(cancellationToken);
        next = clock.GetElapsedTime(start) + reporter.Interval;
        reporter.Report(new(run.Id, run.Deleted, PerSecond, Rest));
    }

    /// <summary>Has to be called where the run is stopped before its end.</summary>
    public async Task StopAsync()
    {
        await CountAsync(CancellationToken.None);
        reporter.Stopped(new(run.Id, run.Deleted, PerSecond, Rest));
    }

    /// <summary>Ends the reports of the run.</summary>
    public ValueTask DisposeAsync()
    {
        ended.Cancel();
        return new(EndAsync());
    }

    private async Task EndAsync()
    {
        if (rest is not null)
        {
            await rest.Value.Count;
        }

        ended.Dispose();
        reporter.Finish(run.Id);
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        if (rest is null)
        {
            // On another thread: SQLite's provider counts before it returns.
            rest = (run.Deleted, Task.Run(TryCountAsync, CancellationToken.None));
            await Task.WhenAny(rest.Value.Count, Task.Delay(CountTimeout, clock, cancellationToken));
        }
    }

    private async Task<long?> TryCountAsync()
    {
        try
        {
            return await count(ended.Token);
        }
        catch (Exception) when (ended.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            Log.NotCounted(logger, e, run.Id);
            return null;
        }
    }

    private long PerSecond => latest.At > TimeSpan.Zero ? (long)Math.Round(latest.Deleted / latest.At.TotalSeconds) : 0;

    // Another run may delete some of it, so that less is left than this says, but never less than nothing.
    private long? Rest => rest is { Count: { IsCompletedSuccessfully: true, Result: { } counted } } at
        ? Math.Max(0, counted - (run.Deleted - at.DeletedBefore))
        : null;

    private static partial class Log
    {
        [LoggerMessage(102, LogLevel.Warning, "What expiry run {Id} has to delete could not be counted; the run goes on.")]
        public static partial void NotCounted(ILogger logger, Exception exception, Guid id);
    }
}

using CommentFunctions.Data;

namespace CommentFunctions.Expiry;

/// <summary>
/// Watches one run and decides when it is time for a report. It has no timer: the run tells it after each step, and a run that
/// ends soon costs nothing.
/// </summary>
/// <param name="run">The run, whose <see cref="ExpiryRun.Deleted"/> rises.</param>
/// <param name="count">Counts what there is still to delete, beside the run; null where that fails.</param>
/// <param name="reporter">Who is told.</param>
/// <param name="clock">Measures the run.</param>
internal sealed class ExpiryWatch(
    ExpiryRun run, Func<CancellationToken, Task<long?>> count, IExpiryReporter reporter, TimeProvider clock) : IAsyncDisposable
{
    private readonly long start = clock.GetTimestamp();
    private readonly CancellationTokenSource ended = new();
    private TimeSpan next = reporter.FirstAfter;
    private (long Deleted, TimeSpan At) latest;
    private (long DeletedBefore, Task<long?> Count)? rest;

    /// <summary>How long the run waits for the count, once; a longer one goes on beside the deletion.</summary>
    /// <remarks>Two seconds do for the index of some ten million comments, which take minutes to delete.</remarks>
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
            // A thread of its own: SQLite's provider counts before it returns.
            rest = (run.Deleted, Task.Run(() => count(ended.Token), CancellationToken.None));
            await Task.WhenAny(rest.Value.Count, Task.Delay(CountTimeout, clock, cancellationToken));
        }
    }

    private long PerSecond => latest.At > TimeSpan.Zero ? (long)Math.Round(latest.Deleted / latest.At.TotalSeconds) : 0;

    // Another run may delete some of it, so that less is left than this says, but never less than nothing.
    private long? Rest => rest is { Count: { IsCompletedSuccessfully: true, Result: { } counted } } at
        ? Math.Max(0, counted - (run.Deleted - at.DeletedBefore))
        : null;
}

using CommentFunctions.Data;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>Writes the record of a run that is at work every few seconds: how far it has come, and that it lives.</summary>
internal sealed partial class ExpiryRunHeartbeat : IAsyncDisposable
{
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
        timer.Change(RunsAtWork.HeartbeatInterval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends them; nothing is written any more after that.</summary>
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

        timer.Change(RunsAtWork.HeartbeatInterval, Timeout.InfiniteTimeSpan);
    }

    private static partial class Log
    {
        [LoggerMessage(101, LogLevel.Debug, "How far expiry run {Id} has come could not be recorded.")]
        public static partial void NotWritten(ILogger logger, Exception exception, Guid id);
    }
}

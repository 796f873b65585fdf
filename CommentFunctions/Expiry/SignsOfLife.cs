using CommentFunctions.Time;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>Writes the record of a run that is at work every few seconds: how far it has come, and that it lives.</summary>
internal sealed partial class SignsOfLife : IAsyncDisposable
{
    private readonly CancellationTokenSource ended = new();
    private readonly Task work;

    public SignsOfLife(ExpiryRun run, ExpiryRunLog records, TimeProvider clock, ILogger logger) =>
        work = Task.Run(() => WriteAsync(run, records, clock, logger));

    /// <summary>Ends them; nothing is written any more after that.</summary>
    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await work;
        ended.Dispose();
    }

    private async Task WriteAsync(ExpiryRun run, ExpiryRunLog records, TimeProvider clock, ILogger logger)
    {
        var start = clock.GetTimestamp();
        using var timer = new PeriodicTimer(RunsAtWork.SignInterval, clock);
        while (true)
        {
            try
            {
                await timer.WaitForNextTickAsync(ended.Token);
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
        }
    }

    private static partial class Log
    {
        [LoggerMessage(101, LogLevel.Debug, "How far expiry run {Id} has come could not be recorded.")]
        public static partial void NotWritten(ILogger logger, Exception exception, Guid id);
    }
}

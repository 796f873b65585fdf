using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

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

    public void Stopped(ExpiryProgress progress)
    {
        // The job logs how a run ended, and the next run goes on.
    }

    public void Finish(Guid run)
    {
        // The job logs how a run ended.
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

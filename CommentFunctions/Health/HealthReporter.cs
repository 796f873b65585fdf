using CommentFunctions.Bot;
using CommentFunctions.Comments.Stores;
using CommentFunctions.Expiry;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Health;

/// <summary>Finds out how the app is doing.</summary>
public sealed partial class HealthReporter(
    CommentStore store,
    ExpiryHistory history,
    ExpirySchedule schedule,
    IQueueDepth depths,
    DisabledTriggers disabled,
    TimeProvider clock,
    ILogger<HealthReporter> logger)
{
    /// <summary>The report; what cannot be found out is null in it.</summary>
    public async Task<HealthReport> ReportAsync(CancellationToken cancellationToken)
    {
        var runs = await Try(async () => await history.ReadAsync(cancellationToken), store.Name, cancellationToken);
        Dictionary<string, QueueDepth?> queues = [];
        foreach (var queue in BotQueues.All)
        {
            queues[queue] = await Try(() => depths.CountAsync(queue, cancellationToken), queue, cancellationToken);
        }

        bool? overdue = runs is null ? null : schedule.IsOverdue(runs.Success?.StartedAt);
        // The report needs no key to be read; why a run failed is for the operator's list of runs.
        var last = runs?.Newest is { } newest ? ExpiryRunView.Of(newest, clock.GetUtcNow()) with { Error = null } : null;
        return new(
            State(runs, overdue, queues.Values, disabled.AnyInBackground),
            new(store.Name, runs is not null),
            queues,
            last,
            overdue,
            disabled.All);
    }

    private static HealthState State(LastRuns? runs, bool? overdue, IEnumerable<QueueDepth?> depths, bool disabled) =>
        runs is null ? HealthState.Unhealthy
        : overdue == true || disabled || depths.Any(d => d?.DeadLettered > 0) ? HealthState.Degraded
        : HealthState.Healthy;

    private async Task<T?> Try<T>(Func<Task<T?>> ask, string what, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NoAnswer(logger, e, what);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{What} did not answer the health check.")]
        public static partial void NoAnswer(ILogger logger, Exception exception, string what);
    }
}

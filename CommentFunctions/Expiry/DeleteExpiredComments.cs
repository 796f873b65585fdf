using System.Text.Json;
using System.Text.Json.Nodes;
using CommentFunctions.Data;
using CommentFunctions.Failures;
using CommentFunctions.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>
/// Deletes expired comments on the schedule of the setting <c>CommentExpirySchedule</c>; where they vanish by themselves, it sees to it
/// that they do.
/// </summary>
public sealed partial class DeleteExpiredComments(
    ExpiryJob job, CommentStore store, ForegroundRuns foreground, TimeProvider clock, ILogger<DeleteExpiredComments> logger)
{
    // A timer may fire a moment early.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    /// <summary>Runs at each time of the schedule, and once at start for times that were missed.</summary>
    /// <returns>The run, where a command runs it; a host takes no value of a timer's function.</returns>
    [Function(nameof(DeleteExpiredComments))]
    public async Task<JsonNode?> RunAsync([TimerTrigger($"%{ExpirySchedule.Setting}%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        if (timer.IsPastDue)
        {
            Log.PastDue(logger);
        }

        var due = Due(timer);
        // Without a status, which schedules of less than a minute lack in Azure, nothing tells a run by hand from a scheduled one.
        var caller = foreground.Operator(due is null && timer.ScheduleStatus is not null ? CallerNames.Admin : ExpiryRequest.Timer);
        var run = await RunAsync(new ExpiryRequest(caller, Overdue: store.ExpiresByItself, Tick: due), cancellationToken);
        return foreground.Always ? JsonSerializer.SerializeToNode(ExpiryRunView.Of(run, clock.GetUtcNow()), ApiJson.Writing) : null;
    }

    private async Task<ExpiryRun> RunAsync(ExpiryRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await job.RunAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException && store.FindOutage(e) is { } outage)
        {
            // Hosts and commands tell an exception's own message.
            throw new OutageException(outage, e);
        }
    }

    // At a scheduled time, a host's next one is still that; for a run by hand it lies ahead.
    private DateTimeOffset? Due(TimerInfo timer)
    {
        if (timer.ScheduleStatus?.Next is not { Ticks: > 0 } next)
        {
            return null;
        }

        DateTimeOffset due = next.Kind == DateTimeKind.Unspecified ? new(next, TimeSpan.Zero) : new(next);
        return due <= clock.GetUtcNow() + Tolerance ? due : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A scheduled expiry run was missed; this one makes up for it.")]
        public static partial void PastDue(ILogger logger);
    }
}

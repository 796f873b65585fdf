using CommentFunctions.Comments.Stores;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>
/// Deletes expired comments on the schedule of the setting <c>CommentExpirySchedule</c>; where they vanish by themselves, it sees to it
/// that they do.
/// </summary>
public sealed partial class DeleteExpiredComments(ExpiryJob job, CommentStore store, ILogger<DeleteExpiredComments> logger)
{
    /// <summary>Runs at each time of the schedule, and once at start for times that were missed.</summary>
    [Function(nameof(DeleteExpiredComments))]
    public async Task RunAsync([TimerTrigger($"%{ExpirySchedule.Setting}%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        if (timer.IsPastDue)
        {
            Log.PastDue(logger);
        }

        await job.RunAsync(new ExpiryRequest(ExpiryRequest.Timer, Overdue: store.ExpiresByItself), cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A scheduled expiry run was missed; this one makes up for it.")]
        public static partial void PastDue(ILogger logger);
    }
}

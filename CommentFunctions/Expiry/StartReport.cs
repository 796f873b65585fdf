using CommentFunctions.Data;
using Functions.LocalRuntime.Indexing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>
/// Says after the start what the next deletion finds: on a site's tables before the first deletion ever, since it cannot be undone; and
/// where somebody looks at the log, as <see cref="StartDetails"/> says, at each start.
/// </summary>
public sealed partial class StartReport(
    ExpiryRunLog runs,
    ExpirySchedule schedule,
    CommentSchema schema,
    Retention retention,
    ForegroundRuns foreground,
    IConfiguration configuration,
    ILogger<StartReport> logger,
    StartDetails? details = null)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (foreground.Always || schedule.IsLeftOut)
            {
                // A command, or nothing is ever deleted, which is an error by itself.
                return;
            }

            // Not before the app serves: counting may take a while.
            await Task.Yield();
            var isFirst = schema.Name != SchemaNames.Own && !await runs.HaveDeletedAsync(stoppingToken);
            if (!isFirst && details is null)
            {
                return;
            }

            var expired = await runs.CountAsync(RecordKinds.Comments, retention.Cutoff, stoppingToken);
            var isPaused = DisabledFunctions.Contains(configuration, nameof(DeleteExpiredComments));
            if (isFirst && expired > 0 && !isPaused)
            {
                Log.First(logger, expired, retention.Age, schedule.Next);
                return;
            }

            var all = await runs.CountAsync(RecordKinds.Comments, DateTimeOffset.MaxValue, stoppingToken);
            if (isPaused)
            {
                Log.Paused(logger, all, expired, nameof(DeleteExpiredComments));
            }
            else
            {
                Log.Next(logger, all, expired, schedule.Next);
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // The run itself says what is wrong with the store.
            Log.NotCounted(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "{Expired} comments of the site are older than Comments:Retention ({Retention}). The first deletion, due at {Next:u}, removes them for good. "
            + "Try it dry before: run DeleteExpiredCommentsOnDemand --dryRun true, or POST /api/expiry-runs?dryRun=true.")]
        public static partial void First(ILogger logger, long expired, TimeSpan retention, DateTimeOffset next);

        [LoggerMessage(2, LogLevel.Information, "{Comments} comments, {Expired} of them expired. The next deletion is due at {Next:u}.")]
        public static partial void Next(ILogger logger, long comments, long expired, DateTimeOffset next);

        [LoggerMessage(4, LogLevel.Information, "{Comments} comments, {Expired} of them expired. The schedule deletes none while a setting has switched {Function} off.")]
        public static partial void Paused(ILogger logger, long comments, long expired, string function);

        [LoggerMessage(3, LogLevel.Debug, "The comments could not be counted at the start.")]
        public static partial void NotCounted(ILogger logger, Exception exception);
    }
}

/// <summary>Among the services where each start says how many comments there are: a host on which starts are rare.</summary>
public sealed record StartDetails;

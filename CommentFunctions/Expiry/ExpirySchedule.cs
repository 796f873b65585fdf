using CommentFunctions.Data;
using Functions.LocalRuntime.Indexing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Expiry;

/// <summary>When the expiry job is due, read from the same setting and by the same rules as the host's timer, in UTC.</summary>
/// <remarks>A hosted service so that it is made at start: a bad setting ends the start, and missed times count from then on.</remarks>
public sealed partial class ExpirySchedule(
    IConfiguration configuration, TimeProvider clock, ILogger<ExpirySchedule> logger, TimerLeftOut? leftOut = null) : IHostedService
{
    public const string Setting = "CommentExpirySchedule";

    /// <summary>Daily at 03:00 UTC.</summary>
    public const string Default = "0 0 3 * * *";

    // A run takes time, and so does the host's start.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    // A timer fires, and a machine's clock is, that much early at most.
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(5);

    private readonly TimerSchedule schedule = Read(configuration[Setting] ?? Default);
    private DateTimeOffset processStart = clock.GetUtcNowInMilliseconds();

    /// <summary>Whether the host has left the timer's function out, for it found no schedule: nothing is deleted until one is set.</summary>
    public bool IsLeftOut { get; } = leftOut is not null;

    /// <summary>The next scheduled time.</summary>
    public DateTimeOffset Next => schedule.Next(clock.GetUtcNow());

    /// <summary>
    /// Whether two scheduled times have gone by since the last run that did all its work, or since this process started where
    /// there is none.
    /// </summary>
    public bool IsOverdue(DateTimeOffset? lastSuccess)
    {
        var now = clock.GetUtcNow();
        // A clock that was set back since: nothing is known of the time between.
        processStart = processStart < now ? processStart : now;
        var since = lastSuccess <= ExpiryRun.LatestStart(now) ? lastSuccess.Value : processStart;
        var first = schedule.Next(since);
        var second = schedule.Next(first);
        return now - Grace > second;
    }

    /// <summary>
    /// The scheduled time that went by without a run after the last one that began, or since this process started where there is none;
    /// null where none did. What was missed while no process ran is made up for at start.
    /// </summary>
    public DateTimeOffset? FindMissed(DateTimeOffset? lastStart)
    {
        var due = schedule.Next(lastStart + Early ?? processStart);
        return clock.GetUtcNow() > (due > processStart ? due : processStart) + Grace ? due : null;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsLeftOut)
        {
            Log.LeftOut(logger, Setting, Default);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static TimerSchedule Read(string text) => TimerSchedule.TryParse(text, out var read, out var problem)
        ? read
        : throw new OptionsValidationException(
            Setting,
            typeof(string),
            [$"{Setting} is '{text}', which {problem}. Allowed: a cron text of six fields (seconds first) or five, such as {Default} for daily at 03:00 UTC."]);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error,
            "{Setting} is not set, so the host has left out the timer, and no expired comment is deleted. Set it to a cron text, such as {Example}.")]
        public static partial void LeftOut(ILogger logger, string setting, string example);
    }
}

/// <summary>Among the services where the host has left out the timer's function, for <see cref="ExpirySchedule.Setting"/> is not set.</summary>
public sealed record TimerLeftOut;

using CommentFunctions.Time;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using NCrontab;

namespace CommentFunctions.Expiry;

/// <summary>When the expiry job is due, read from the same setting and by the same rules as the host's timer, in UTC.</summary>
/// <remarks>A hosted service so that it is made at start: that is when a bad setting is told, and when its watch begins.</remarks>
public sealed class ExpirySchedule : IHostedService
{
    /// <summary>The setting's name.</summary>
    public const string Setting = "CommentExpirySchedule";

    /// <summary>Daily at 03:00 UTC.</summary>
    public const string Default = "0 0 3 * * *";

    // A run takes time, and so does the host's start.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    // A timer fires, and a machine's clock is, that much early at most.
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(5);

    private readonly CrontabSchedule schedule;
    private readonly TimeProvider clock;
    private readonly DateTimeOffset processStart;

    /// <summary>Reads the setting.</summary>
    /// <exception cref="InvalidOperationException">It is not a cron text.</exception>
    public ExpirySchedule(IConfiguration configuration, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        IsSet = configuration[Setting] is not null;
        var text = configuration[Setting] ?? Default;
        schedule = Parse(text) ?? throw new InvalidOperationException(
            $"{Setting} is '{text}'. Allowed: a cron text of six fields (seconds first) or five, such as {Default} for daily at 03:00 UTC.");
        this.clock = clock;
        processStart = clock.GetUtcNowInMilliseconds();
    }

    /// <summary>Whether there is a schedule at all: without one the host leaves the timer's function out.</summary>
    public bool IsSet { get; }

    /// <summary>
    /// Whether two scheduled times have gone by since the last run that did all its work, or since this process started where
    /// there is none.
    /// </summary>
    public bool IsOverdue(DateTimeOffset? lastSuccess)
    {
        var first = schedule.GetNextOccurrence((lastSuccess ?? processStart).UtcDateTime);
        var second = schedule.GetNextOccurrence(first);
        return clock.GetUtcNow().UtcDateTime > second + Grace;
    }

    /// <summary>
    /// The scheduled time that went by without a run after the last one that began, or since this process started where there is none;
    /// null where none did. What was missed while no process ran is made up for at start.
    /// </summary>
    public DateTimeOffset? FindMissed(DateTimeOffset? lastStart)
    {
        var due = new DateTimeOffset(schedule.GetNextOccurrence((lastStart + Early ?? processStart).UtcDateTime), TimeSpan.Zero);
        return clock.GetUtcNow() > (due > processStart ? due : processStart) + Grace ? due : null;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static CrontabSchedule? Parse(string text)
    {
        var seconds = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length == 6;
        return CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = seconds });
    }
}

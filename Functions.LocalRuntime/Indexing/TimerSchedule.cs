using System.Diagnostics.CodeAnalysis;
using NCrontab;

namespace Functions.LocalRuntime.Indexing;

/// <summary>A cron schedule in UTC, of five fields or of six with seconds first.</summary>
public sealed class TimerSchedule
{
    private readonly string text;
    private readonly CrontabSchedule schedule;

    private TimerSchedule(string text, CrontabSchedule schedule) => (this.text, this.schedule) = (text, schedule);

    /// <summary>Reads a cron text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="read">The schedule; null where the text is none, or names a time that never comes.</param>
    /// <param name="problem">What is wrong with the text, for a sentence about it.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TimerSchedule? read, [NotNullWhen(false)] out string? problem)
    {
        // As the Functions host counts the fields: between them are spaces, no tabs.
        var hasSeconds = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length != 5;
        var schedule = CrontabSchedule.TryParse(text, new() { IncludingSeconds = hasSeconds }) is { } parsed ? new TimerSchedule(text, parsed) : null;
        var comesDue = schedule?.Next(DateTimeOffset.UnixEpoch) < DateTimeOffset.MaxValue;
        read = comesDue ? schedule : null;
        problem = schedule is null ? "is not a cron text" : comesDue ? null : "never comes due";
        return comesDue;
    }

    /// <summary>The first time after this one.</summary>
    public DateTimeOffset Next(DateTimeOffset after)
    {
        var next = schedule.GetNextOccurrence(after.UtcDateTime, DateTime.MaxValue);
        return next == DateTime.MaxValue ? DateTimeOffset.MaxValue : new(DateTime.SpecifyKind(next, DateTimeKind.Utc));
    }

    /// <summary>The cron text.</summary>
    public override string ToString() => text;
}

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
    /// <param name="problem">What is wrong with the text, for a sentence about it; of a field, which one and its range.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TimerSchedule? read, [NotNullWhen(false)] out string? problem)
    {
        // As the Functions host counts the fields: between them are spaces, no tabs.
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        (read, problem) = CrontabSchedule.TryParse(
            text,
            new() { IncludingSeconds = fields != 5 },
            parsed => ComingDue(new(text, parsed)),
            // Of another number of fields there is no one field that is wrong.
            failure => (null, fields is 5 or 6 ? $"is not a cron text: {failure().Message.TrimEnd('.')}" : "is not a cron text"));
        return read is not null;
    }

    private static (TimerSchedule? Schedule, string? Problem) ComingDue(TimerSchedule schedule) =>
        schedule.Next(DateTimeOffset.UnixEpoch) < DateTimeOffset.MaxValue ? (schedule, null) : (null, "never comes due");

    /// <summary>The first time after this one.</summary>
    public DateTimeOffset Next(DateTimeOffset after)
    {
        var next = schedule.GetNextOccurrence(after.UtcDateTime, DateTime.MaxValue);
        return next == DateTime.MaxValue ? DateTimeOffset.MaxValue : new(DateTime.SpecifyKind(next, DateTimeKind.Utc));
    }

    /// <summary>The cron text.</summary>
    public override string ToString() => text;
}

using NCrontab;

namespace Functions.LocalRuntime.Indexing;

/// <summary>A cron schedule in UTC, of five fields or of six with seconds first.</summary>
internal sealed class TimerSchedule(string text, CrontabSchedule schedule)
{
    /// <summary>Reads a cron text; null where it is none or never comes due.</summary>
    public static TimerSchedule? Parse(string text)
    {
        var seconds = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Length == 6;
        if (CrontabSchedule.TryParse(text, new() { IncludingSeconds = seconds }) is not { } parsed)
        {
            return null;
        }

        var schedule = new TimerSchedule(text, parsed);
        return schedule.Next(DateTimeOffset.UnixEpoch) < DateTimeOffset.MaxValue ? schedule : null;
    }

    /// <summary>The first time after this one.</summary>
    public DateTimeOffset Next(DateTimeOffset after)
    {
        var next = schedule.GetNextOccurrence(after.UtcDateTime, DateTime.MaxValue);
        return next == DateTime.MaxValue ? DateTimeOffset.MaxValue : new(DateTime.SpecifyKind(next, DateTimeKind.Utc));
    }

    public override string ToString() => text;
}

using NCrontab;

namespace Functions.LocalRuntime.Indexing;

/// <summary>A cron schedule in UTC, of five fields or of six with seconds first.</summary>
internal sealed class TimerSchedule
{
    private readonly string text;
    private readonly CrontabSchedule schedule;

    private TimerSchedule(string text, CrontabSchedule schedule)
    {
        this.text = text;
        this.schedule = schedule;
    }

    /// <summary>Reads a cron text; false where it is none or never comes due.</summary>
    public static bool TryParse(string text, out TimerSchedule? schedule)
    {
        var seconds = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Length == 6;
        var parsed = CrontabSchedule.TryParse(text, new() { IncludingSeconds = seconds });
        schedule = parsed is null ? null : new(text, parsed);
        return schedule is not null && schedule.Next(DateTimeOffset.UnixEpoch) < DateTimeOffset.MaxValue;
    }

    /// <summary>The first time after this one.</summary>
    public DateTimeOffset Next(DateTimeOffset after)
    {
        var next = schedule.GetNextOccurrence(after.UtcDateTime, DateTime.MaxValue);
        return next == DateTime.MaxValue ? DateTimeOffset.MaxValue : new(DateTime.SpecifyKind(next, DateTimeKind.Utc));
    }

    public override string ToString() => text;
}

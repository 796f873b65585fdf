namespace CommentFunctions.Time;

/// <summary>Times at the precision in which they are stored.</summary>
public static class Milliseconds
{
    /// <summary>The current time in UTC, cut to the millisecond, so that a time read back equals the one that was set.</summary>
    public static DateTimeOffset GetUtcNowInMilliseconds(this TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
    }

    /// <summary>The duration, cut to the millisecond.</summary>
    public static TimeSpan InMilliseconds(this TimeSpan duration) =>
        new(duration.Ticks - (duration.Ticks % TimeSpan.TicksPerMillisecond));
}

namespace CommentFunctions.Tests.Support;

/// <summary>A clock that a test sets. Timers and measured durations stay real, so that waiting code goes on.</summary>
public sealed class FakeTimeProvider : TimeProvider
{
    private long ticks = new DateTimeOffset(2026, 1, 15, 12, 0, 0, TimeSpan.Zero).Ticks;

    /// <summary>The time in UTC.</summary>
    public DateTimeOffset Now
    {
        get => GetUtcNow();
        set => Interlocked.Exchange(ref ticks, value.UtcTicks);
    }

    /// <summary>Far from UTC, so that a result which depended on local time would be seen.</summary>
    public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("East", TimeSpan.FromHours(9), "East", "East");

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref ticks), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);
}

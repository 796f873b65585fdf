namespace CommentFunctions.Tests.Support;

/// <summary>A clock that a test sets. Timers stay real unless they are to be faster, and measured durations unless asked for, so that waiting code goes on.</summary>
public sealed class FakeTimeProvider : TimeProvider
{
    private static readonly long Start = new DateTimeOffset(2026, 1, 15, 12, 0, 0, TimeSpan.Zero).Ticks;

    private long ticks = Start;

    /// <summary>The time in UTC.</summary>
    public DateTimeOffset Now
    {
        get => GetUtcNow();
        set => Interlocked.Exchange(ref ticks, value.UtcTicks);
    }

    /// <summary>Whether durations are measured by this clock too, so that a test knows them.</summary>
    public bool Measures { get; set; }

    /// <summary>By how much the clock goes on with each look that measures, where it measures.</summary>
    public TimeSpan Look { get; set; }

    /// <summary>What durations are longer than in truth, where they are not measured by this clock.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>How many times sooner its timers fire than real ones.</summary>
    public double Haste { get; set; } = 1;

    /// <summary>Far from UTC, so that a result which depended on local time would be seen.</summary>
    public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("East", TimeSpan.FromHours(9), "East", "East");

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref ticks), TimeSpan.Zero);

    public override long GetTimestamp() =>
        Measures ? (Interlocked.Add(ref ticks, Look.Ticks) - Start) * (TimestampFrequency / TimeSpan.TicksPerSecond) : base.GetTimestamp() + (long)(Waited.TotalSeconds * TimestampFrequency);

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new HastyTimer(base.CreateTimer(callback, state, Hasten(dueTime), Hasten(period)), this);

    private TimeSpan Hasten(TimeSpan time) => time > TimeSpan.Zero ? time / Haste : time;

    private sealed class HastyTimer(ITimer timer, FakeTimeProvider clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.Hasten(dueTime), clock.Hasten(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}

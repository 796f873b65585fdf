namespace CommentFunctions.Tests.LocalRuntime.Support;

/// <summary>
/// A clock that stands still. <see cref="Advance"/> lets time pass, timers included. <see cref="Set"/> sets the clock as a user
/// or a time server does: time of day jumps, and timers that run do not notice.
/// </summary>
internal sealed class SteppedTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<SteppedTimer> armed = [];
    private DateTimeOffset now = start;
    private TimeSpan elapsed;

    /// <summary>How many timers run; the code under test waits while it has one.</summary>
    public int Armed
    {
        get
        {
            lock (gate)
            {
                return armed.Count;
            }
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp()
    {
        lock (gate)
        {
            return elapsed.Ticks;
        }
    }

    /// <summary>Sets the clock, forward or back.</summary>
    public void Set(DateTimeOffset time)
    {
        lock (gate)
        {
            now = time;
        }
    }

    /// <summary>Lets time pass; each timer that comes due fires at its own time.</summary>
    public void Advance(TimeSpan span)
    {
        var end = elapsed + span;
        while (NextDue(end) is { } timer)
        {
            timer.Fire();
        }

        lock (gate)
        {
            MoveTo(end);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SteppedTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private SteppedTimer? NextDue(TimeSpan end)
    {
        lock (gate)
        {
            if (armed.MinBy(timer => timer.Due) is not { } first || first.Due > end)
            {
                return null;
            }

            MoveTo(first.Due);
            armed.Remove(first);
            if (first.Period > TimeSpan.Zero)
            {
                first.Due += first.Period;
                armed.Add(first);
            }

            return first;
        }
    }

    private void MoveTo(TimeSpan time)
    {
        if (time > elapsed)
        {
            now += time - elapsed;
            elapsed = time;
        }
    }

    private sealed class SteppedTimer(SteppedTimeProvider clock, Action callback) : ITimer
    {
        public TimeSpan Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                clock.armed.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock.elapsed + dueTime;
                    Period = period;
                    clock.armed.Add(this);
                }
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

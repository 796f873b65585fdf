namespace CommentFunctions.Tests.Simulation;

/// <summary>
/// Time that passes when nothing is left to do at the present moment. Everything runs on the thread that runs the loop, one thing after
/// the other, in an order that the seed decides.
/// </summary>
internal sealed class SimClock(Random random) : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Timer, (DateTimeOffset At, int Order)> timers = new();
    private readonly Random order = new(random.Next());

    public DateTimeOffset Now { get; private set; } = Start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Assert.True(period == Timeout.InfiniteTimeSpan, "The simulation knows no timers that repeat.");
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Does something at a time.</summary>
    public void At(DateTimeOffset time, Action action) => CreateTimer(_ => action(), null, time - Now, Timeout.InfiniteTimeSpan);

    /// <summary>Lets time pass until nothing is left, or until that is so.</summary>
    public bool RunUntil(Func<bool> done, DateTimeOffset latest)
    {
        while (!done())
        {
            if (!timers.TryPeek(out var timer, out var due) || due.At > latest)
            {
                Now = latest;
                return false;
            }

            timers.Dequeue();
            if (timer.TryFire(due.At))
            {
                Now = due.At > Now ? due.At : Now;
                timer.Fire();
            }
        }

        return true;
    }

    private sealed class Timer(SimClock clock, TimerCallback callback, object? state) : ITimer
    {
        private DateTimeOffset? due;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.Now + (dueTime > TimeSpan.Zero ? dueTime : TimeSpan.Zero);
            if (due is { } at)
            {
                clock.timers.Enqueue(this, (at, clock.order.Next()));
            }

            return true;
        }

        // It may have been changed or disposed of since it was put into the queue.
        public bool TryFire(DateTimeOffset at) => due == at;

        public void Fire()
        {
            due = null;
            callback(state);
        }

        public void Dispose() => due = null;

        public ValueTask DisposeAsync()
        {
            due = null;
            return ValueTask.CompletedTask;
        }
    }
}

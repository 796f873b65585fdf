using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Functions.LocalRuntime.Storage;

namespace Functions.LocalRuntime.Timers;

/// <summary>
/// Runs one timer function when it is due. Its next run is kept on disk and moves on only after a run has ended: a run that the
/// process missed, or died in, is made up once at the next start. Runs never overlap.
/// </summary>
internal sealed partial class TimerListener(
    FunctionDescriptor function, TimerStore store, StateFolder folder, FunctionInvoker invoker, TimeProvider clock, ILogger<TimerListener> logger)
{
    // A sleeping laptop and a clock that is set do not move a running delay; looking again this often bounds how late a run is.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    private readonly TimerTrigger trigger = (TimerTrigger)function.Trigger;
    private readonly string schedule = function.Trigger.Source;

    public FunctionDescriptor Function => function;

    /// <summary>When the function runs next; in the past where a run was missed.</summary>
    public DateTimeOffset Next { get; private set; }

    /// <summary>Reads from disk when the next run is, or computes it.</summary>
    public async Task PrepareAsync()
    {
        var kept = trigger.UseMonitor ? await store.FindAsync(function.Name, schedule) : null;
        Next = kept is null ? trigger.Schedule.Next(clock.GetUtcNow()) : WithinReach(new(kept.Next, TimeSpan.Zero));
        await store.SaveAsync(function.Name, schedule, kept?.Last ?? default, Next);
    }

    /// <summary>Runs the function whenever it is due, until cancelled; a run in progress is finished.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        if (trigger.RunOnStartup)
        {
            await RunAsync("run on startup", pastDue: false, cancellationToken);
        }

        var pastDue = Next <= clock.GetUtcNow();
        while (!cancellationToken.IsCancellationRequested)
        {
            var wait = Next - clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait < LongestWait ? wait : LongestWait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Next = WithinReach(Next);
                continue;
            }

            var due = Next;
            if (await RunAsync(pastDue ? "past due" : "due", pastDue, cancellationToken))
            {
                await MoveOnAsync(due);
            }

            pastDue = false;
        }
    }

    /// <summary>False where the host stopped before the run could begin.</summary>
    private async Task<bool> RunAsync(string reason, bool pastDue, CancellationToken cancellationToken)
    {
        try
        {
            using var entered = await folder.EnterTimerAsync(function.Name, clock, cancellationToken);
            var kept = trigger.UseMonitor ? await store.FindAsync(function.Name, schedule) : null;
            await invoker.InvokeAsync(new(function, $"timer, {reason}", new TimerInfo { IsPastDue = pastDue, ScheduleStatus = kept }));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e)
        {
            Log.GoesOn(logger, function.Name, schedule, e.Message);
        }

        return true;
    }

    private async Task MoveOnAsync(DateTimeOffset due)
    {
        // After the later of both: a clock that was set back must not bring the same time round again.
        var now = clock.GetUtcNow();
        Next = trigger.Schedule.Next(due > now ? due : now);
        try
        {
            await store.SaveAsync(function.Name, schedule, due.UtcDateTime, Next);
        }
        catch (Exception e)
        {
            Log.NotKept(logger, e, function.Name);
        }
    }

    // A time that a clock far ahead had computed: holding to it would stop the timer for as long.
    private DateTimeOffset WithinReach(DateTimeOffset next)
    {
        var soonest = trigger.Schedule.Next(clock.GetUtcNow());
        return next > trigger.Schedule.Next(soonest) ? soonest : next;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Function} did not succeed; it runs again when it is due next ({Schedule}): {Reason}")]
        public static partial void GoesOn(ILogger logger, string function, string schedule, string reason);

        [LoggerMessage(2, LogLevel.Error, "The run of {Function} could not be noted; after a restart it may run once more")]
        public static partial void NotKept(ILogger logger, Exception exception, string function);
    }
}

/// <summary>Last and next run of each timer, on disk.</summary>
internal sealed class TimerStore(RuntimeFile file, TimeProvider clock)
{
    /// <summary>The status kept for this function and this schedule; null where there is none.</summary>
    public async Task<ScheduleStatus?> FindAsync(string function, string schedule) => (await file.RunAsync(connection => connection.Query(
        "SELECT last, next, updated FROM timers WHERE function = $1 AND schedule = $2",
        row => new ScheduleStatus { Last = Time(row.GetInt64(0)), Next = Time(row.GetInt64(1)), LastUpdated = Time(row.GetInt64(2)) },
        function, schedule))).SingleOrDefault();

    public Task SaveAsync(string function, string schedule, DateTime last, DateTimeOffset next) => file.RunAsync(connection => connection.Execute(
        """
        INSERT INTO timers (function, schedule, last, next, updated) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO UPDATE SET schedule = excluded.schedule, last = excluded.last, next = excluded.next, updated = excluded.updated
        """,
        function, schedule, Milliseconds(last), next.ToUnixTimeMilliseconds(), clock.GetUtcNow().ToUnixTimeMilliseconds()));

    private static long Milliseconds(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;

    private static DateTime Time(long milliseconds) => DateTime.UnixEpoch.AddMilliseconds(milliseconds);
}

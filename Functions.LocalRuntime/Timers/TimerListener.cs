using Functions.LocalRuntime.Hosting;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Functions.LocalRuntime.Timers;

/// <summary>
/// Runs one timer function when it is due. The last and the next run are kept on disk before the function runs, so that a run is
/// neither missed while the process is down nor repeated when it ends in the middle. Runs never overlap.
/// </summary>
internal sealed partial class TimerListener(
    FunctionDescriptor function, TimerStore store, StateFolder folder, FunctionInvoker invoker, TimeProvider clock, ILogger<TimerListener> logger)
{
    // A sleeping laptop and a clock that is set do not move a running delay; looking again this often bounds how late a run is.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    private readonly TimerTrigger trigger = (TimerTrigger)function.Trigger;
    private readonly string schedule = function.Trigger.Source;

    /// <summary>Reads or starts the schedule; returns when the next run is due, which is in the past where a run was missed.</summary>
    public async Task<DateTimeOffset> NextAsync()
    {
        var status = await store.FindAsync(function.Name, schedule);
        if (status is null || !trigger.UseMonitor || IsBeyondReach(status))
        {
            status = await store.SaveAsync(function.Name, schedule, status?.Last ?? default, trigger.Schedule.Next(clock.GetUtcNow()));
        }

        return new(status.Next, TimeSpan.Zero);
    }

    /// <summary>Runs the function whenever it is due, until cancelled; the run in progress is finished.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        if (trigger.RunOnStartup)
        {
            await RunAsync("run on startup", false, clock.GetUtcNow(), cancellationToken);
        }

        var late = await NextAsync() <= clock.GetUtcNow();
        while (!cancellationToken.IsCancellationRequested)
        {
            var next = await NextAsync();
            var wait = next - clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                late = false;
                await Task.Delay(wait < LongestWait ? wait : LongestWait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            await RunAsync(late ? "past due" : "due", late, next, cancellationToken);
            late = false;
        }
    }

    /// <summary>Runs the function once by hand; its schedule stays as it is.</summary>
    public async Task RunByHandAsync(CancellationToken cancellationToken)
    {
        using var entered = await folder.EnterTimerAsync(function.Name, clock, cancellationToken);
        await InvokeAsync("by hand", false, await store.FindAsync(function.Name, schedule));
    }

    private async Task RunAsync(string reason, bool pastDue, DateTimeOffset due, CancellationToken cancellationToken)
    {
        try
        {
            using var entered = await folder.EnterTimerAsync(function.Name, clock, cancellationToken);
            // After the later of both: a clock that was set back must not bring the same time round again.
            var now = clock.GetUtcNow();
            var status = await store.SaveAsync(function.Name, schedule, due.UtcDateTime, trigger.Schedule.Next(due > now ? due : now));
            await InvokeAsync(reason, pastDue, trigger.UseMonitor ? status : null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops while another process runs this timer; that run was this one.
        }
        catch (Exception)
        {
            Log.GoesOn(logger, function.Name, schedule);
        }
    }

    private Task InvokeAsync(string reason, bool pastDue, ScheduleStatus? status) => invoker.InvokeAsync(
        function,
        new($"timer, {reason}", new TimerInfo { IsPastDue = pastDue, ScheduleStatus = status }, InvocationRequest.NoData));

    // The kept time was computed by a clock that ran far ahead; holding to it would stop the timer for as long.
    private bool IsBeyondReach(ScheduleStatus status) =>
        status.Next > trigger.Schedule.Next(trigger.Schedule.Next(clock.GetUtcNow())).UtcDateTime;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Function} is tried again when it is due next ({Schedule})")]
        public static partial void GoesOn(ILogger logger, string function, string schedule);
    }
}

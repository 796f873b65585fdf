using CommentFunctions.Tests.LocalRuntime.Support;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests.LocalRuntime.Timers;

public sealed class TimerTests : IDisposable
{
    private static readonly DateTimeOffset Evening = new(2026, 3, 10, 20, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Three = new(2026, 3, 11, 3, 0, 0, TimeSpan.Zero);

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_timer_runs_when_it_is_due_and_not_before()
    {
        await using var timer = await TimerApp.StartAsync(folder, Three.AddSeconds(-10));
        await timer.IdleAsync();

        timer.Clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        // The wait goes on: what is asserted not to have run cannot still be on its way.
        Assert.Equal(1, timer.Clock.Armed);
        Assert.Empty(timer.Runs);

        timer.Clock.Advance(TimeSpan.FromTicks(1));
        await timer.Probe.UntilCountAsync(1);
        Assert.Equal((Three, false), (timer.Runs[0].At, timer.Runs[0].PastDue));
    }

    [Fact]
    public async Task A_timer_runs_once_each_time_it_is_due()
    {
        await using var timer = await TimerApp.StartAsync(folder, Three.AddSeconds(-3), "*/5 * * * * *");

        await timer.PassAsync(TimeSpan.FromSeconds(61));

        // Fewer steps than runs: what came due several times within one step runs once.
        var runs = timer.Runs.Count;
        Assert.InRange(runs, 4, 13);
        for (var i = 0; i < 20; i++)
        {
            await timer.IdleAsync();
            timer.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await timer.IdleAsync();
        Assert.Equal(runs + 4, timer.Runs.Count);
    }

    [Fact]
    public async Task Last_and_next_run_are_told_and_kept_on_disk()
    {
        await using var timer = await TimerApp.StartAsync(folder, Three.AddSeconds(-10));
        Assert.Equal((default, Three.UtcDateTime), ((await timer.StatusAsync()).Last, (await timer.StatusAsync()).Next));

        await timer.PassAsync(TimeSpan.FromSeconds(10));

        Assert.Equal((default, Three.UtcDateTime), (timer.Runs[0].Status!.Last, timer.Runs[0].Status!.Next));
        var status = await timer.StatusAsync();
        Assert.Equal((Three.UtcDateTime, Three.AddDays(1).UtcDateTime, Three.UtcDateTime), (status.Last, status.Next, status.LastUpdated));
        Assert.Equal(DateTimeKind.Utc, status.Next.Kind);
    }

    [Fact]
    public async Task Runs_missed_while_the_process_was_down_are_made_up_once()
    {
        await using (var before = await TimerApp.StartAsync(folder, Evening))
        {
            await before.IdleAsync();
        }

        await using var timer = await TimerApp.StartAsync(folder, Three.AddDays(2).AddHours(4));
        await timer.Probe.UntilCountAsync(1);
        await timer.IdleAsync();

        Assert.Equal((true, Three.UtcDateTime), (Assert.Single(timer.Runs).PastDue, timer.Runs[0].Status!.Next));
        Assert.Equal(Three.AddDays(3).UtcDateTime, (await timer.StatusAsync()).Next);
        await timer.JumpAsync(Three.AddDays(3));
        Assert.Equal([true, false], timer.Runs.Select(run => run.PastDue));
    }

    [Fact]
    public async Task A_restart_with_nothing_missed_runs_nothing()
    {
        await using (var before = await TimerApp.StartAsync(folder, Three.AddSeconds(-5)))
        {
            await before.PassAsync(TimeSpan.FromSeconds(5));
            Assert.Single(before.Runs);
        }

        await using var timer = await TimerApp.StartAsync(folder, Three.AddHours(1));
        await timer.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Empty(timer.Runs);
        Assert.Equal(Three.UtcDateTime, (await timer.StatusAsync()).Last);
    }

    [Fact]
    public async Task A_changed_schedule_starts_anew()
    {
        await using (var before = await TimerApp.StartAsync(folder, Evening))
        {
            await before.IdleAsync();
        }

        const string Later = "0 0 5 * * *";
        await using var timer = await TimerApp.StartAsync(folder, Three.AddHours(1), Later);
        await timer.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Empty(timer.Runs);
        var status = await timer.StatusAsync(Later);
        Assert.Equal((default, Three.AddHours(2).UtcDateTime), (status.Last, status.Next));
    }

    [Fact]
    public async Task A_timer_without_monitor_makes_up_for_nothing()
    {
        await using (var before = await TimerApp.StartAsync(folder, Evening, function: typeof(Unmonitored)))
        {
            await before.IdleAsync();
        }

        await using var timer = await TimerApp.StartAsync(folder, Three.AddHours(1), function: typeof(Unmonitored));
        await timer.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(timer.Runs);

        await timer.JumpAsync(Three.AddDays(1));
        Assert.Equal((false, null), (Assert.Single(timer.Runs).PastDue, timer.Runs[0].Status));
    }

    [Fact]
    public async Task A_timer_runs_at_start_only_where_it_says_so()
    {
        await using var timer = await TimerApp.StartAsync(folder, Evening, function: typeof(OnStartup));

        await timer.Probe.UntilCountAsync(1);
        await timer.IdleAsync();

        Assert.Equal((Evening, false), (Assert.Single(timer.Runs).At, timer.Runs[0].PastDue));
    }

    [Fact]
    public async Task A_function_that_fails_runs_again_when_it_is_due_next()
    {
        await using var timer = await TimerApp.StartAsync(folder, Three.AddSeconds(-5), function: typeof(Failing));

        await timer.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(Three.AddDays(1).UtcDateTime, (await timer.StatusAsync()).Next);
        await timer.JumpAsync(Three.AddDays(1));

        Assert.Equal(2, timer.Runs.Count);
    }

    [Fact]
    public async Task A_run_that_the_process_died_in_is_made_up()
    {
        using var died = new TempFolder();
        await using (var before = await TimerApp.StartAsync(folder, Three.AddSeconds(-5), function: typeof(Waiting)))
        {
            await before.IdleAsync();
            before.Clock.Advance(TimeSpan.FromSeconds(5));
            await before.Probe.UntilInsideAsync(1);
            // What is on disk now is what a process that is killed leaves.
            Directory.CreateDirectory(died.File(".local"));
            foreach (var name in new[] { "runtime.db", "runtime.db-wal" })
            {
                File.Copy(Path.Combine(folder.Path, ".local", name), Path.Combine(died.Path, ".local", name));
            }
        }

        await using var timer = await TimerApp.StartAsync(died, Three.AddMinutes(1));
        await timer.Probe.UntilCountAsync(1);

        Assert.True(timer.Runs[0].PastDue);
    }

    private sealed class Unmonitored(Probe probe, TimeProvider clock)
    {
        [Function("Ticking")]
        public void Run([TimerTrigger("%Schedule%", UseMonitor = false)] TimerInfo timer) =>
            probe.Note((clock.GetUtcNow(), timer.IsPastDue, timer.ScheduleStatus));
    }

    private sealed class OnStartup(Probe probe, TimeProvider clock)
    {
        [Function("Ticking")]
        public void Run([TimerTrigger("%Schedule%", RunOnStartup = true)] TimerInfo timer) =>
            probe.Note((clock.GetUtcNow(), timer.IsPastDue, timer.ScheduleStatus));
    }

    private sealed class Failing(Probe probe, TimeProvider clock)
    {
        [Function("Ticking")]
        public void Run([TimerTrigger("%Schedule%")] TimerInfo timer)
        {
            probe.Note((clock.GetUtcNow(), timer.IsPastDue, timer.ScheduleStatus));
            throw new InvalidOperationException("not today");
        }
    }

    private sealed class Waiting(Probe probe)
    {
        [Function("Ticking")]
        public Task RunAsync([TimerTrigger("%Schedule%")] TimerInfo timer) => probe.PassAsync();
    }
}

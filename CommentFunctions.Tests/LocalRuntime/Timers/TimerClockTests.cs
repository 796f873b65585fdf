using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Indexing;

namespace CommentFunctions.Tests.LocalRuntime.Timers;

/// <summary>Clocks that are set, and days that are not 24 hours long.</summary>
public sealed class TimerClockTests : IDisposable
{
    private static readonly DateTimeOffset Three = new(2026, 3, 11, 3, 0, 0, TimeSpan.Zero);

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_clock_that_is_set_back_does_not_repeat_a_run()
    {
        await using var timer = await TimerApp.StartAsync(folder, Three.AddSeconds(-5));
        await timer.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Single(timer.Runs);

        await timer.JumpAsync(Three.AddMinutes(-1));
        await timer.PassAsync(TimeSpan.FromMinutes(2));

        Assert.Single(timer.Runs);
        Assert.Equal(Three.AddDays(1).UtcDateTime, (await timer.StatusAsync()).Next);
    }

    [Fact]
    public async Task Nor_does_it_across_a_restart()
    {
        await using (var before = await TimerApp.StartAsync(folder, Three.AddSeconds(-5)))
        {
            await before.PassAsync(TimeSpan.FromSeconds(5));
        }

        await using var timer = await TimerApp.StartAsync(folder, Three.AddMinutes(-1));
        await timer.PassAsync(TimeSpan.FromMinutes(2));

        Assert.Empty(timer.Runs);
    }

    [Fact]
    public async Task A_clock_that_was_far_ahead_does_not_stop_the_timer()
    {
        await using (var ahead = await TimerApp.StartAsync(folder, Three.AddYears(5)))
        {
            await ahead.IdleAsync();
        }

        await using var timer = await TimerApp.StartAsync(folder, Three.AddSeconds(-5));
        await timer.PassAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(Three, Assert.Single(timer.Runs).At);
    }

    [Fact]
    public async Task Nor_does_one_that_is_set_right_while_the_timer_waits()
    {
        await using var timer = await TimerApp.StartAsync(folder, Three.AddYears(5));

        await timer.JumpAsync(Three.AddSeconds(-20));
        await timer.PassAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(Three, Assert.Single(timer.Runs).At);
    }

    [Fact]
    public async Task A_clock_that_jumps_over_a_run_is_noticed_within_seconds_and_runs_it_once()
    {
        await using var timer = await TimerApp.StartAsync(folder, Three.AddHours(-10));

        await timer.JumpAsync(Three.AddHours(50));

        Assert.Single(timer.Runs);
        Assert.Equal(Three.AddDays(3).UtcDateTime, (await timer.StatusAsync()).Next);
    }

    [Theory]
    [InlineData("2026-03-29")]
    [InlineData("2026-10-25")]
    [InlineData("2026-03-08")]
    [InlineData("2026-11-01")]
    [InlineData("2028-02-29")]
    public void A_schedule_is_in_UTC_and_knows_no_daylight_saving(string date)
    {
        Assert.True(TimerSchedule.TryParse("0 30 * * * *", out var hourly, out _));
        Assert.True(TimerSchedule.TryParse("0 30 2 * * *", out var daily, out _));
        var day = DateTimeOffset.Parse(date + "T00:00:00Z", null);

        var times = new List<DateTimeOffset>();
        for (var next = hourly.Next(day.AddTicks(-1)); next < day.AddDays(1); next = hourly.Next(next))
        {
            times.Add(next);
        }

        Assert.Equal(Enumerable.Range(0, 24).Select(hour => day.AddHours(hour).AddMinutes(30)), times);
        Assert.Equal(day.AddHours(2.5), daily.Next(day));
        Assert.Equal(day.AddHours(26.5), daily.Next(day.AddHours(2.5)));
        // Asked in another offset, the same time.
        Assert.Equal(daily.Next(day), daily.Next(day.ToOffset(TimeSpan.FromHours(-8))));
    }
}

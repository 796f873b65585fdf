using System.Net;
using System.Net.Http.Json;
using CommentFunctions.Tests.LocalRuntime.Support;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests.LocalRuntime.Timers;

/// <summary>There are never two runs of one timer function at once.</summary>
public sealed class TimerOverlapTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 11, 3, 0, 0, TimeSpan.Zero);

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_run_that_is_not_over_at_the_next_tick_delays_it_and_a_run_by_hand_waits_too()
    {
        await using var timer = await TimerApp.StartAsync(folder, Start, "0 * * * * *", typeof(Slow));
        await timer.IdleAsync();
        timer.Clock.Advance(TimeSpan.FromSeconds(15));
        await timer.PassAsync(TimeSpan.FromSeconds(30));
        timer.Clock.Advance(TimeSpan.FromSeconds(15));
        await timer.Probe.UntilInsideAsync(1);

        var byHand = await timer.App.Http.PostAsJsonAsync("admin/functions/Ticking", new { });
        Assert.Equal(HttpStatusCode.Accepted, byHand.StatusCode);
        // The run by hand has found the timer busy and waits to look again.
        await Wait.UntilAsync("the run by hand waits", () => timer.Clock.Armed == 1);
        for (var i = 0; i < 5; i++)
        {
            timer.Clock.Advance(TimeSpan.FromMinutes(1));
            await Wait.UntilAsync("the run by hand waits", () => timer.Clock.Armed == 1);
        }

        Assert.Equal(0, timer.Probe.Count);
        timer.Probe.Open();
        await Wait.UntilAsync("the missed tick and the run by hand have run", () =>
        {
            timer.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return timer.Probe.Count >= 3;
        });

        Assert.Equal(1, timer.Probe.MostInside);
    }

    [Fact]
    public async Task Many_runs_by_hand_run_one_after_the_other()
    {
        await using var timer = await TimerApp.StartAsync(folder, Start, function: typeof(Slow));
        for (var i = 0; i < 5; i++)
        {
            await timer.App.Http.PostAsJsonAsync("admin/functions/Ticking", new { });
        }

        await timer.Probe.UntilInsideAsync(1);
        timer.Probe.Open();
        await Wait.UntilAsync("all have run", () =>
        {
            timer.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return timer.Probe.Count >= 5;
        });

        Assert.Equal(1, timer.Probe.MostInside);
    }

    [Fact]
    public async Task Stopping_lets_a_run_finish_and_notes_it()
    {
        await using (var timer = await TimerApp.StartAsync(folder, Start.AddSeconds(-5), function: typeof(Slow)))
        {
            await timer.IdleAsync();
            timer.Clock.Advance(TimeSpan.FromSeconds(5));
            await timer.Probe.UntilInsideAsync(1);

            var stop = timer.App.StopAsync();
            Assert.False(stop.IsCompleted);
            timer.Probe.Open();
            await Wait.ForAsync(stop);

            Assert.Equal(1, timer.Probe.Count);
        }

        await using var after = await TimerApp.StartAsync(folder, Start.AddHours(1));
        await after.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(after.Runs);
        Assert.Equal(Start.UtcDateTime, (await after.StatusAsync()).Last);
    }

    private sealed class Slow(Probe probe)
    {
        [Function("Ticking")]
        public async Task RunAsync([TimerTrigger("%Schedule%")] TimerInfo timer)
        {
            await probe.PassAsync();
            probe.Note("ran");
        }
    }
}

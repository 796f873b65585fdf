using Functions.LocalRuntime.Timers;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.LocalRuntime.Support;

/// <summary>An app of one timer function, <see cref="Ticking"/>, on a clock that stands still.</summary>
internal sealed class TimerApp(LocalApp app, SteppedTimeProvider clock) : IAsyncDisposable
{
    public const string Daily = "0 0 3 * * *";

    public LocalApp App => app;

    public SteppedTimeProvider Clock => clock;

    public Probe Probe => app.Probe;

    /// <summary>The runs so far: when each was, and what it was told.</summary>
    public IReadOnlyList<(DateTimeOffset At, bool PastDue, ScheduleStatus? Status)> Runs =>
        [.. Probe.Notes.Cast<(DateTimeOffset, bool, ScheduleStatus?)>()];

    public static async Task<TimerApp> StartAsync(
        TempFolder folder, DateTimeOffset now, string schedule = Daily, Type? function = null)
    {
        var clock = new SteppedTimeProvider(now);
        var app = await LocalApp.StartAsync(
            [function ?? typeof(Ticking)],
            new() { ["Schedule"] = schedule },
            folder: folder,
            clock: clock);
        return new(app, clock);
    }

    /// <summary>Waits until the timer waits for its next run: whatever was due has then run and is noted on disk.</summary>
    public Task IdleAsync() => Wait.UntilAsync("the timer waits for its next run", () => clock.Armed == 1);

    /// <summary>Lets time pass in steps that leave the timer time to look at the clock.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        for (var step = TimeSpan.FromSeconds(15); span > TimeSpan.Zero; span -= step)
        {
            await IdleAsync();
            clock.Advance(span < step ? span : step);
        }

        await IdleAsync();
    }

    /// <summary>Puts the clock at this time and lets the timer notice.</summary>
    public async Task JumpAsync(DateTimeOffset time)
    {
        await IdleAsync();
        clock.Set(time);
        await PassAsync(TimeSpan.FromSeconds(15));
    }

    public async Task<ScheduleStatus> StatusAsync(string schedule = Daily) =>
        (await app.Services.GetRequiredService<TimerStore>().FindAsync("Ticking", schedule))!;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    internal sealed class Ticking(Probe probe, TimeProvider clock)
    {
        [Function("Ticking")]
        public void Run([TimerTrigger("%Schedule%")] TimerInfo timer) => probe.Note((clock.GetUtcNow(), timer.IsPastDue, timer.ScheduleStatus));
    }
}

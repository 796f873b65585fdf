using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CommentFunctions.Tests.Expiry;

public class ExclusiveRunsTests
{
    [Fact]
    public async Task A_run_ends_at_once_while_an_earlier_one_goes_on_working()
    {
        await using var app = await TestApp.StartAsync();
        var first = await BeginAsync(app);
        var signs = SignAsync(app, first);

        var second = await app.ExpireAsync();

        Assert.Equal((0, RunOutcome.Incomplete), (second.Deleted, second.Outcome));
        Assert.Equal($"Run {first.Id} is at work. What it leaves is for the next run.", second.Error);
        await signs;
    }

    [Fact]
    public async Task A_run_waits_for_an_earlier_one_that_ends_and_does_what_it_left()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "old");
        app.Clock.Advance(TimeSpan.FromDays(2));
        var first = await BeginAsync(app);

        var second = Task.Run(() => app.ExpireAsync());
        await Task.Delay(300);
        Assert.False(second.IsCompleted);
        first.Outcome = RunOutcome.Cancelled;
        await Records(app).EndAsync(first);

        Assert.Equal((1, RunOutcome.Succeeded), ((await second).Deleted, (await second).Outcome));
    }

    [Fact]
    public async Task A_run_whose_process_died_is_recorded_as_interrupted_by_the_next_with_what_it_had_recorded()
    {
        await using var app = await TestApp.StartAsync();
        var first = await BeginAsync(app);
        await CountAsync(app, first, 7);
        await Records(app).ProgressAsync(first.After(TimeSpan.FromSeconds(20)), default);
        app.Clock.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(RunOutcome.Succeeded, (await app.ExpireAsync()).Outcome);

        var closed = await app.WithAsync<CommentDbContext, ExpiryRun>(db => db.ExpiryRuns.SingleAsync(r => r.Id == first.Id));
        Assert.Equal((RunOutcome.Interrupted, 7, TimeSpan.FromSeconds(20)), (closed.Outcome, closed.Deleted, closed.Duration));
    }

    [Fact]
    public async Task A_run_that_was_at_work_a_moment_ago_is_waited_for_as_long_as_it_may_be_silent()
    {
        await using var app = await TestApp.StartAsync();
        var first = await BeginAsync(app);
        var second = await BeginAsync(app);
        var clock = new SkippingClock(TimeSpan.Zero);

        Assert.Null(await Exclusive(app, clock).WaitForEarlierAsync(second, default));

        Assert.InRange(clock.Waits.Sum(wait => wait.TotalSeconds), 3 * ExpiryRunHeartbeat.Interval.TotalSeconds, 4 * ExpiryRunHeartbeat.Interval.TotalSeconds);
        Assert.Equal(
            RunOutcome.Interrupted, await app.WithAsync<CommentDbContext, RunOutcome>(db => db.ExpiryRuns.Where(r => r.Id == first.Id).Select(r => r.Outcome).SingleAsync()));
    }

    [Fact]
    public async Task Later_runs_and_counts_are_not_waited_for()
    {
        await using var app = await TestApp.StartAsync();
        await BeginAsync(app, dryRun: true);
        var first = await BeginAsync(app);
        await BeginAsync(app);
        var clock = new SkippingClock(TimeSpan.Zero);

        Assert.Null(await Exclusive(app, clock).WaitForEarlierAsync(first, default));
        Assert.Empty(clock.Waits);
    }

    [Fact]
    public async Task A_run_of_a_clock_that_was_ahead_keeps_no_other_from_its_work()
    {
        await using var app = await TestApp.StartAsync();
        app.Clock.Advance(TimeSpan.FromDays(365));
        await BeginAsync(app);
        app.Clock.Advance(TimeSpan.FromDays(-365));

        Assert.Equal(RunOutcome.Succeeded, (await app.ExpireAsync()).Outcome);
    }

    [Fact]
    public async Task A_failure_to_record_an_earlier_runs_end_does_not_keep_the_next_from_deleting()
    {
        var writes = -100;
        await using var app = await TestApp.StartAsync(store: inner => new DisturbedStore(
            inner, beforeWrite: () => ++writes == 2 ? throw new InvalidDataException("Not now.") : Task.CompletedTask));
        await app.PostAsync("ann", "old");
        var dead = await BeginAsync(app);
        app.Clock.Advance(TimeSpan.FromDays(2));

        // Its own beginning is the first write, the dead run's end the second.
        writes = 0;
        var run = await app.ExpireAsync();

        Assert.Equal((1, RunOutcome.Succeeded), (run.Deleted, run.Outcome));
        Assert.Contains(await Records(app).FindOpenAsync(default), open => open.Id == dead.Id);
    }

    [Fact]
    public async Task An_end_that_could_not_be_recorded_is_recorded_without_another_run()
    {
        var away = false;
        await using var app = await TestApp.StartAsync(store: inner => new DisturbedStore(
            inner, afterStep: () => away = true, beforeWrite: () => away ? throw new InvalidDataException("Not now.") : Task.CompletedTask));
        app.Clock.Haste = 100;
        await app.PostAsync("ann", "old");
        await Assert.ThrowsAsync<InvalidDataException>(() => app.ExpireAsync(olderThan: TimeSpan.Zero));
        Assert.Single(await Records(app).FindOpenAsync(default));

        away = false;

        await Wait(async () => await Records(app).FindOpenAsync(default) is []);
    }

    [Fact]
    public async Task A_run_at_work_shows_how_far_it_has_come()
    {
        await using var app = await TestApp.StartAsync();
        var run = await BeginAsync(app);
        await CountAsync(app, run, 3);

        await using (new ExpiryRunHeartbeat(run, Records(app), new FakeTimeProvider { Haste = 100 }, NullLogger.Instance))
        {
            await Wait(async () => (await Records(app).FindOpenAsync(default)) is [{ Deleted: 3, Duration: not null }]);
        }

        Assert.Null(run.Duration);
    }

    private static ExpiryRunLog Records(TestApp app) => app.Services.GetRequiredService<ExpiryRunLog>();

    private static ExclusiveRuns Exclusive(TestApp app, TimeProvider clock) => new(Records(app), clock, NullLogger<ExclusiveRuns>.Instance);

    private static async Task<ExpiryRun> BeginAsync(TestApp app, bool dryRun = false)
    {
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var run = new ExpiryRun
        {
            Id = Guid.CreateVersion7(),
            TriggeredBy = ExpiryRequest.Timer,
            StartedAt = app.Clock.Now,
            Cutoff = app.Clock.Now.AddDays(-1),
            OlderThan = null,
            DryRun = dryRun,
        };
        await Records(app).BeginAsync(run, default);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        return run;
    }

    // As the deletion does it, which the run's own writes must not undo.
    private static Task<int> CountAsync(TestApp app, ExpiryRun run, long deleted) => app.WithAsync<CommentDbContext, int>(
        db => db.ExpiryRuns.Where(r => r.Id == run.Id).ExecuteUpdateAsync(set => set.SetProperty(r => r.Deleted, deleted)));

    private static async Task SignAsync(TestApp app, ExpiryRun run)
    {
        for (var sign = 1; sign <= 20; sign++)
        {
            await Records(app).ProgressAsync(run.After(TimeSpan.FromMilliseconds(sign)), default);
            await Task.Delay(100);
        }
    }

    private static async Task Wait(Func<Task<bool>> holds)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            await Task.Delay(20, giveUp.Token);
        }
    }
}

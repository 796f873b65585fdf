using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Tests.Support;
using Microsoft.Azure.Functions.Worker;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Expiry;

/// <summary>Scheduled runs of two instances on one store.</summary>
public sealed class ScheduledRunTests : IAsyncLifetime
{
    private TestApp first = null!;
    private TestApp second = null!;
    private bool broken;

    public async Task InitializeAsync()
    {
        first = await TestApp.StartAsync(store: inner => new DisturbedStore(inner, afterStep: () =>
        {
            if (broken)
            {
                throw new InvalidDataException("The disk is gone.");
            }
        }));
        second = await TestApp.StartAsync(new() { ["Comments:ConnectionString"] = $"Data Source={first.DatabaseFile}" });
        await first.PostAsync("ann", "old");
        foreach (var app in new[] { first, second })
        {
            app.Clock.Advance(TimeSpan.FromDays(2));
        }
    }

    public async Task DisposeAsync()
    {
        await second.DisposeAsync();
        await first.DisposeAsync();
    }

    [Fact]
    public async Task One_of_them_does_the_run_of_a_scheduled_time()
    {
        await Task.WhenAll(Task.Run(() => TickAsync(first)), Task.Run(() => TickAsync(second)));

        var run = Assert.Single(await RunsAsync());
        Assert.Equal((1, RunOutcome.Succeeded), (run.Deleted, run.Outcome));
    }

    [Fact]
    public async Task Each_scheduled_time_has_its_run_also_where_the_clocks_differ()
    {
        var tick = first.Clock.Now.AddSeconds(1);
        await TickAsync(first, tick);
        second.Clock.Advance(TimeSpan.FromSeconds(30));
        await TickAsync(second, tick);
        first.Clock.Advance(TimeSpan.FromHours(1));
        await TickAsync(first, tick.AddHours(1));

        Assert.Equal(2, (await RunsAsync()).Count);
    }

    [Fact]
    public async Task What_failed_on_one_is_done_by_the_other()
    {
        broken = true;
        await Assert.ThrowsAsync<InvalidDataException>(() => TickAsync(first));
        await TickAsync(second);

        Assert.Equal([RunOutcome.Failed, RunOutcome.Succeeded], (await RunsAsync()).Select(r => r.Outcome));
    }

    [Fact]
    public async Task A_run_by_hand_is_of_no_scheduled_time()
    {
        await TickAsync(first);
        await TickAsync(second, second.Clock.Now.AddDays(1));
        await second.WithAsync<DeleteExpiredComments>(function => function.RunAsync(new TimerInfo(), default));

        // What has no status is the timer's: Azure has none for schedules of less than a minute.
        Assert.Equal(["timer", "admin", "timer"], (await RunsAsync()).Select(r => r.TriggeredBy));
    }

    private static Task TickAsync(TestApp app, DateTimeOffset? at = null) => app.WithAsync<DeleteExpiredComments>(function => function.RunAsync(
        new TimerInfo { ScheduleStatus = new() { Next = (at ?? app.Clock.Now).UtcDateTime } }, default));

    private Task<List<ExpiryRun>> RunsAsync() => second.WithAsync<CommentDbContext, List<ExpiryRun>>(
        db => db.ExpiryRuns.AsNoTracking().OrderBy(r => r.StartedAt).ThenBy(r => r.Id).ToListAsync());
}

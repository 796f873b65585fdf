using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace CommentFunctions.Tests.Expiry;

public class ExpiryProgressTrackerTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider clock = new() { Measures = true };
    private readonly Reports reports = new();
    private readonly ExpiryRun run;
    private int counts;

    public ExpiryProgressTrackerTests() => run = new()
    {
        Id = Guid.CreateVersion7(),
        TriggeredBy = ExpiryRequest.Timer,
        StartedAt = clock.Now,
        Cutoff = clock.Now,
        OlderThan = null,
        DryRun = false,
    };

    [Fact]
    public async Task A_run_that_ends_before_the_first_report_has_none_and_is_not_counted()
    {
        await using (var tracker = Track(_ => Task.FromResult<long>(900)))
        {
            await DeleteAsync(tracker, steps: 4);
        }

        Assert.Empty(reports.All);
        Assert.Equal(0, counts);
        Assert.Equal([run.Id], reports.Finished);
    }

    [Fact]
    public async Task The_first_report_comes_after_its_time_and_the_others_an_interval_apart()
    {
        await using var tracker = Track(_ => Task.FromResult<long>(900));

        await DeleteAsync(tracker, steps: 4);
        Assert.Empty(reports.All);
        await DeleteAsync(tracker, steps: 13);

        Assert.Equal([new(run.Id, 500, 100, 900), new(run.Id, 1000, 100, 400), new(run.Id, 1500, 100, 0)], reports.All);
        Assert.Equal(1, counts);
    }

    [Fact]
    public async Task A_long_step_does_not_make_up_for_reports_that_it_left_out()
    {
        await using var tracker = Track(_ => Task.FromResult<long>(900));

        clock.Advance(TimeSpan.FromSeconds(59));
        await DeleteAsync(tracker, steps: 5);
        Assert.Single(reports.All);
        await DeleteAsync(tracker, steps: 1);

        Assert.Equal([new(run.Id, 100, 2, 900), new(run.Id, 600, 9, 400)], reports.All);
    }

    [Fact]
    public async Task The_rest_is_unknown_until_it_is_counted_and_falls_from_where_the_count_began()
    {
        TaskCompletionSource<long> counted = new();
        await using var tracker = Track(_ => counted.Task, waits: false);

        await DeleteAsync(tracker, steps: 5);
        counted.SetResult(2_000);
        // The result takes a moment to come through the task that asked for it.
        while (reports.All[^1].Rest is null)
        {
            await Task.Delay(10);
            clock.Advance(5 * Step);
            await tracker.StepAsync(default);
        }

        await DeleteAsync(tracker, steps: 5);

        Assert.Null(reports.All[0].Rest);
        Assert.Equal(2_000 - 500, reports.All[^1].Rest);
    }

    [Fact]
    public async Task What_could_not_be_counted_stays_unknown()
    {
        await using var tracker = Track(_ => throw new InvalidDataException("The table is gone."));

        await DeleteAsync(tracker, steps: 10);

        Assert.Equal([new(run.Id, 500, 100, null), new(run.Id, 1000, 100, null)], reports.All);
        Assert.Equal(1, counts);
    }

    [Fact]
    public async Task The_rest_is_never_less_than_nothing()
    {
        await using var tracker = Track(_ => Task.FromResult<long>(100));

        await DeleteAsync(tracker, steps: 10);

        Assert.Equal(0, reports.All[^1].Rest);
    }

    [Fact]
    public async Task Steps_that_delete_no_comments_do_not_lower_the_rate()
    {
        await using var tracker = Track(_ => Task.FromResult<long>(0));

        await DeleteAsync(tracker, steps: 5);
        clock.Advance(TimeSpan.FromSeconds(20));
        await tracker.StepAsync(default);

        Assert.Equal(new(run.Id, 500, 100, 0), reports.All[^1]);
    }

    [Theory]
    [InlineData(2, 900L)]
    [InlineData(6, 800L)]
    public async Task A_stopped_run_tells_what_is_to_go_also_before_its_first_report(int steps, long rest)
    {
        await using var tracker = Track(_ => Task.FromResult<long>(900));

        await DeleteAsync(tracker, steps);
        await tracker.StopAsync();

        Assert.Equal([new(run.Id, 100 * steps, 100, rest)], reports.Stops);
        Assert.Equal(1, counts);
    }

    [Fact]
    public async Task The_end_of_the_run_ends_the_count()
    {
        var tracker = Track(async cancel =>
        {
            await Task.Delay(Timeout.Infinite, cancel);
            return 0;
        }, waits: false);
        await DeleteAsync(tracker, steps: 5);

        await tracker.DisposeAsync();

        Assert.Null(Assert.Single(reports.All).Rest);
        Assert.Equal([run.Id], reports.Finished);
    }

    private ExpiryProgressTracker Track(Func<CancellationToken, Task<long>> count, bool waits = true) => new(
        run,
        cancel =>
        {
            Interlocked.Increment(ref counts);
            return count(cancel);
        },
        reports,
        clock,
        NullLogger.Instance)
    {
        CountTimeout = TimeSpan.FromSeconds(waits ? 60 : 0),
    };

    private async Task DeleteAsync(ExpiryProgressTracker tracker, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            clock.Advance(Step);
            run.Deleted += 100;
            await tracker.StepAsync(default);
        }
    }

    private sealed class Reports : IExpiryReporter
    {
        public List<ExpiryProgress> All { get; } = [];

        public List<Guid> Finished { get; } = [];

        public TimeSpan FirstAfter { get; } = TimeSpan.FromSeconds(5);

        public TimeSpan Interval { get; } = TimeSpan.FromSeconds(5);

        public void Report(ExpiryProgress progress) => All.Add(progress);

        public List<ExpiryProgress> Stops { get; } = [];

        public void Stopped(ExpiryProgress progress) => Stops.Add(progress);

        public void Finish(Guid run) => Finished.Add(run);
    }
}

using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Failures;
using CommentFunctions.Tests.Support;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Expiry;

public class ExpiryRunRecordTests
{
    [Fact]
    public async Task A_run_is_recorded_with_what_it_did()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "old");
        app.Clock.Advance(TimeSpan.FromDays(2));

        await app.WithAsync<DeleteExpiredComments>(function => function.RunAsync(new TimerInfo { IsPastDue = true }, default));

        var run = await OnlyRunAsync(app);
        Assert.Equal(("timer", 1, RunOutcome.Succeeded), (run.TriggeredBy, run.Deleted, run.Outcome));
        Assert.Equal((app.Clock.Now, app.Clock.Now.AddDays(-1)), (run.StartedAt, run.Cutoff));
        Assert.NotNull(run.Duration);
        Assert.Null(run.OlderThan);
        Assert.Null(run.Error);
    }

    [Fact]
    public async Task A_failed_run_is_recorded_with_what_it_deleted_and_why_it_failed()
    {
        await using var app = await DisturbedAppAsync(() => throw new InvalidDataException("The disk is gone.\nSecond line."));

        await Assert.ThrowsAsync<InvalidDataException>(() => app.ExpireAsync());

        var run = await OnlyRunAsync(app);
        Assert.Equal((1_000, RunOutcome.Failed), (run.Deleted, run.Outcome));
        Assert.Equal("InvalidDataException: The disk is gone.", run.Error);
        Assert.Equal(4_000, await app.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync()));
    }

    [Fact]
    public async Task A_run_whose_file_failed_is_recorded_with_what_to_do()
    {
        await using var app = await DisturbedAppAsync(() => throw new SqliteException("SQLite Error 5: 'database is locked'.", 5));

        await Assert.ThrowsAsync<SqliteException>(() => app.ExpireAsync());

        var run = await OnlyRunAsync(app);
        Assert.Equal(
            "SqliteException: SQLite Error 5: 'database is locked'. The store cannot be used: another program holds its file. End that one.", run.Error);
    }

    [Fact]
    public async Task A_scheduled_run_whose_store_cannot_be_used_fails_with_what_is_known_of_it()
    {
        var locked = new SqliteException("SQLite Error 5: 'database is locked'.", 5);
        await using var app = await DisturbedAppAsync(() => throw new DbUpdateException("See the inner exception.", locked));

        var failure = await Assert.ThrowsAsync<OutageException>(
            () => app.WithAsync<DeleteExpiredComments>(function => function.RunAsync(new TimerInfo(), default)));

        Assert.Equal("The store cannot be used: another program holds its file. End that one.", failure.Message);
        Assert.Same(locked, failure.GetBaseException());
    }

    [Fact]
    public async Task A_cancelled_run_is_recorded_with_what_it_deleted()
    {
        using var stop = new CancellationTokenSource();
        await using var app = await DisturbedAppAsync(stop.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => app.ExpireAsync(cancellationToken: stop.Token));

        var run = await OnlyRunAsync(app);
        Assert.Equal((1_000, RunOutcome.Cancelled), (run.Deleted, run.Outcome));
    }

    [Fact]
    public async Task A_run_that_the_store_throttles_ends_without_an_error_and_is_recorded_as_incomplete()
    {
        await using var app = await DisturbedAppAsync(() => throw new StoreThrottledException("Too many requests."));

        var run = await app.ExpireAsync();

        Assert.Equal((1_000, RunOutcome.Incomplete), (run.Deleted, run.Outcome));
    }

    [Fact]
    public async Task The_run_after_a_failure_goes_on_where_it_stopped()
    {
        var broken = true;
        await using var app = await DisturbedAppAsync(() =>
        {
            if (broken)
            {
                throw new InvalidDataException();
            }
        });
        await Assert.ThrowsAsync<InvalidDataException>(() => app.ExpireAsync());

        broken = false;

        Assert.Equal(4_000, (await app.ExpireAsync()).Deleted);
    }

    [Fact]
    public async Task Records_are_kept_for_30_days()
    {
        await using var app = await TestApp.StartAsync();
        await app.ExpireAsync();
        var first = app.Clock.Now;

        app.Clock.Now = first.AddDays(30).AddMilliseconds(-1);
        await app.ExpireAsync();
        Assert.Equal(2, await app.WithAsync<CommentDbContext, int>(db => db.ExpiryRuns.CountAsync()));

        app.Clock.Now = first.AddDays(30);
        await app.ExpireAsync();
        Assert.Equal(2, await app.WithAsync<CommentDbContext, int>(db => db.ExpiryRuns.CountAsync()));
    }

    private static async Task<TestApp> DisturbedAppAsync(Action afterStep)
    {
        var app = await TestApp.StartAsync(store: inner => new DisturbedStore(inner, afterStep));
        await ExpiryJobTests.AddManyAsync(app, 5_000);
        app.Clock.Advance(TimeSpan.FromDays(2));
        return app;
    }

    private static Task<ExpiryRun> OnlyRunAsync(TestApp app) => app.WithAsync<CommentDbContext, ExpiryRun>(db => db.ExpiryRuns.SingleAsync());
}

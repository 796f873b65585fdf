using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Data;

/// <summary>What holds on every store. A class for each store says how to reach one, and how to take it away.</summary>
public abstract partial class StoreContract : IAsyncLifetime
{
    /// <summary>Comments of more than two steps of the store's deletion.</summary>
    protected abstract int Many { get; }

    /// <summary>Comments whose deletion may be under way when the store goes away: nobody hears whether they are gone.</summary>
    protected virtual int UnderWay => 0;

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    [StoreFact]
    public async Task What_is_added_is_listed_newest_first_and_the_newest_is_the_latest()
    {
        await using var app = await StartAsync();
        foreach (var text in new[] { "1", "2", "3", "größer 😀" })
        {
            await app.PostAsync("ann", text);
            app.Clock.Advance(TimeSpan.FromMilliseconds(text == "2" ? 0 : 1));
        }

        await app.PostAsync("bob", "other");

        Assert.Equal(["größer 😀", "3", "2", "1"], await app.ListAsync("ann", pageSize: 100));
        Assert.Equal(["größer 😀", "3", "2", "1"], await app.ListAsync("ann", pageSize: 1));
        Assert.Equal("größer 😀", await app.LatestAsync("ann"));
        Assert.Equal("other", await app.LatestAsync("bob"));
        Assert.Null(await app.LatestAsync("Ann"));
        (await app.ListPageAsync("nobody")).Problem(404);
    }

    [StoreFact]
    public async Task The_newest_of_all_users_come_first_without_what_has_expired()
    {
        await using var app = await StartAsync();
        Assert.Empty(await app.ListRecentAsync());
        await app.PostAsync("ann", "old");
        app.Clock.Advance(app.Retention.Age);
        foreach (var (user, text) in new[] { ("ann", "1"), ("bob", "2"), ("ann", "3"), ("cat", "größer 😀") })
        {
            await app.PostAsync(user, text);
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(["cat: größer 😀", "ann: 3", "bob: 2", "ann: 1"], await app.ListRecentAsync());
        Assert.Equal(["cat: größer 😀", "ann: 3"], await app.ListRecentAsync(limit: 2));
    }

    [StoreFact]
    public async Task A_comment_expires_at_the_millisecond_at_which_it_is_retention_old()
    {
        await using var app = await StartAsync();
        var comment = await app.PostAsync("ann", "old");

        app.Clock.Now = app.Retention.ExpiryOf(comment.CreatedAt).AddMilliseconds(-1);
        Assert.Equal("old", await app.LatestAsync("ann"));
        Assert.Equal(["old"], await app.ListAsync("ann"));
        Assert.Equal(0, (await app.ExpireAsync(dryRun: true)).Deleted);
        Assert.Equal(0, (await app.ExpireAsync()).Deleted);

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await app.LatestAsync("ann"));
        Assert.Empty(await app.ListAsync("ann"));
        Assert.Equal(1, (await app.ExpireAsync(dryRun: true)).Deleted);

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, (await app.ExpireAsync()).Deleted);
        Assert.Equal(0, await CountAsync(app));
    }

    [StoreFact]
    public async Task Deleting_a_user_deletes_their_comments()
    {
        await using var app = await StartAsync();
        await app.PostAsync("ann", "hers");
        await app.PostAsync("ann", "hers too");
        await app.PostAsync("bob", "his");

        await app.WithAsync<CommentDbContext>(async db =>
        {
            db.Users.Remove(await db.Users.SingleAsync(u => u.UserName == "ann"));
            await db.SaveChangesAsync();
        });

        Assert.Equal(1, await CountAsync(app));
        Assert.Equal("his", await app.LatestAsync("bob"));
    }

    [StoreFact]
    public async Task Runs_at_once_delete_and_count_each_comment_once()
    {
        await using var app = await StartAsync();
        await AddManyAsync(app);

        var runs = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => app.ExpireAsync())));

        Assert.Equal(Many, runs.Sum(r => r.Deleted));
        Assert.Equal(0, await CountAsync(app));
    }

    [StoreFact]
    public async Task Comments_are_written_while_a_run_deletes()
    {
        await using var app = await StartAsync();
        await AddManyAsync(app);
        await app.PostAsync("ann", "before");

        var run = Task.Run(() => app.ExpireAsync());
        var written = 0;
        do
        {
            await app.PostAsync("ann", $"{written++}");
        }
        // A machine that is busy with other things makes the deletion's steps so short that they would never come to an end.
        while (!run.IsCompleted && written < 5_000);

        Assert.Equal(Many, (await run).Deleted);
        Assert.Equal(written + 1, await CountAsync(app));
        Assert.Equal($"{written - 1}", await app.LatestAsync("ann"));
    }

    [StoreFact]
    public async Task A_run_tells_its_progress()
    {
        var steps = 0;
        await using var app = await StartAsync(inner => new DisturbedStore(inner, () => steps++));
        await AddManyAsync(app);

        Assert.Equal(Many, (await app.ExpireAsync()).Deleted);
        Assert.InRange(steps, 2, Many / 10);
    }

    [StoreFact]
    public async Task A_run_whose_store_goes_away_is_recorded_as_failed_and_the_next_goes_on_where_it_stopped()
    {
        var steps = 0;
        await using var app = await StartAsync(inner => new DisturbedStore(inner, () =>
        {
            if (++steps == 1)
            {
                TakeAway();
            }
        }));
        await AddManyAsync(app);

        await Assert.ThrowsAnyAsync<Exception>(() => app.ExpireAsync());
        GiveBack();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = await app.ExpireAsync();

        var records = await app.WithAsync<CommentDbContext, List<ExpiryRun>>(
            db => db.ExpiryRuns.OrderBy(r => r.StartedAt).AsNoTracking().ToListAsync());
        Assert.Equal([RunOutcome.Failed, RunOutcome.Succeeded], records.Select(r => r.Outcome));
        Assert.NotNull(records[0].Error);
        Assert.InRange(records[0].Deleted, 1, Many - 1);
        Assert.InRange(records[0].Deleted + second.Deleted, Many - UnderWay, Many);
        Assert.Equal(0, await CountAsync(app));
    }

    [StoreFact]
    public async Task Five_interrupted_runs_and_the_last_have_deleted_what_their_records_say()
    {
        await using var app = await StartAsync();
        await AddManyAsync(app);
        // At other moments of their steps: in a statement, after its commit, and in the pause.
        for (var run = 0; run < 5; run++)
        {
            using var stop = new CancellationTokenSource();
            var running = Task.Run(() => app.ExpireAsync(cancellationToken: stop.Token));
            var before = await CountAsync(app);
            while (!running.IsCompleted && await CountAsync(app) == before)
            {
                await Task.Delay(1);
            }

            await Task.Delay(run * 7);
            await stop.CancelAsync();
            await Record.ExceptionAsync(() => running);
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(Many - await CountAsync(app), await RecordedAsync(app));
        }

        await app.ExpireAsync();
        Assert.Equal((Many, 0), (await RecordedAsync(app), await CountAsync(app)));
    }

    [StoreFact]
    public async Task A_run_whose_store_is_away_for_a_moment_does_all_its_work()
    {
        var steps = 0;
        await using var app = await StartAsync(inner => new DisturbedStore(inner, () =>
        {
            if (++steps == 1)
            {
                Disturb();
            }
        }));
        await AddManyAsync(app);

        var run = await app.ExpireAsync();

        Assert.Equal((Many, RunOutcome.Succeeded), (run.Deleted, run.Outcome));
        Assert.Equal(0, await CountAsync(app));
    }

    [StoreFact]
    public async Task The_bots_question_is_answered_although_the_store_was_away_for_a_moment()
    {
        await using var app = await StartAsync();
        await app.PostAsync("ann", "hers");
        Assert.Equal("hers", await app.LatestAsync("ann"));

        Disturb();

        Assert.Equal("hers", await app.LatestAsync("ann"));
    }

    /// <summary>The settings that lead to the store.</summary>
    protected abstract Dictionary<string, string?> Settings { get; }

    /// <summary>Adds this many comments written now, of some users.</summary>
    protected abstract Task AddAsync(TestApp app, int count);

    /// <summary>Takes the store away for longer than anybody waits.</summary>
    protected abstract void TakeAway();

    /// <summary>Gives it back.</summary>
    protected abstract void GiveBack();

    /// <summary>Takes the store away for a moment.</summary>
    protected abstract void Disturb();

    protected Task<TestApp> StartAsync(Func<CommentStore, CommentStore>? store = null) => TestApp.StartAsync(Settings, store);

    private protected static Task<int> CountAsync(TestApp app) => app.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync());

    private static Task<long> RecordedAsync(TestApp app) => app.WithAsync<CommentDbContext, long>(db => db.ExpiryRuns.SumAsync(r => r.Deleted));

    private async Task AddManyAsync(TestApp app)
    {
        await AddAsync(app, Many);
        app.Clock.Advance(TimeSpan.FromDays(2));
    }
}

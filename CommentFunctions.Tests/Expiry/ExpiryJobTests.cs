using CommentFunctions.Data;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Expiry;

public class ExpiryJobTests
{
    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public async Task A_comment_is_deleted_once_it_has_the_age_of_the_retention(int milliseconds, int deleted)
    {
        await using var app = await TestApp.StartAsync();
        var comment = await app.PostAsync("ann", "old");

        app.Clock.Now = comment.CreatedAt.AddDays(1).AddMilliseconds(milliseconds);
        var run = await app.ExpireAsync();

        Assert.Equal(deleted, run.Deleted);
        Assert.Equal(1 - deleted, await CommentsAsync(app));
    }

    // In zones of Europe and America these days have 23 or 25 hours.
    [Theory]
    [InlineData("2026-03-28T12:00:00Z")]
    [InlineData("2026-03-29T00:30:00Z")]
    [InlineData("2026-10-24T12:00:00Z")]
    [InlineData("2026-10-25T00:30:00Z")]
    [InlineData("2026-11-01T05:30:00Z")]
    public async Task A_day_has_24_hours_on_each_day_of_the_year(string writtenAt)
    {
        await using var app = await TestApp.StartAsync();
        app.Clock.Now = DateTimeOffset.Parse(writtenAt, System.Globalization.CultureInfo.InvariantCulture);
        await app.PostAsync("ann", "old");

        app.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, (await app.ExpireAsync()).Deleted);

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, (await app.ExpireAsync()).Deleted);
    }

    [Fact]
    public async Task Another_age_can_take_the_place_of_the_retention()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "older");
        app.Clock.Advance(TimeSpan.FromMinutes(30));
        await app.PostAsync("ann", "newer");

        Assert.Equal(1, (await app.ExpireAsync(TimeSpan.FromMinutes(30))).Deleted);
        Assert.Equal(1, (await app.ExpireAsync(TimeSpan.Zero)).Deleted);
    }

    [Fact]
    public async Task A_dry_run_counts_and_deletes_nothing()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "old");
        app.Clock.Advance(TimeSpan.FromDays(2));

        var run = await app.ExpireAsync(dryRun: true);

        Assert.Equal((1, RunOutcome.Succeeded), (run.Deleted, run.Outcome));
        Assert.Equal(1, await CommentsAsync(app));
    }

    [Fact]
    public async Task Runs_at_once_delete_and_count_each_comment_once()
    {
        await using var app = await TestApp.StartAsync();
        await AddManyAsync(app, 5_000);
        app.Clock.Advance(TimeSpan.FromDays(2));

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => app.ExpireAsync())));

        Assert.Equal(5_000, runs.Sum(r => r.Deleted));
        Assert.Equal(0, await CommentsAsync(app));
    }

    [Fact]
    public async Task Comments_are_written_while_a_run_deletes()
    {
        await using var app = await TestApp.StartAsync();
        await AddManyAsync(app, 20_000);
        app.Clock.Advance(TimeSpan.FromDays(2));

        var run = Task.Run(() => app.ExpireAsync());
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => app.PostAsync($"user{i}", "new"))));

        Assert.Equal(20_000, (await run).Deleted);
        Assert.Equal(20, await CommentsAsync(app));
    }

    private static Task<int> CommentsAsync(TestApp app) => app.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync());

    internal static Task AddManyAsync(TestApp app, int count) => app.WithAsync<CommentDbContext>(async db =>
    {
        db.Users.Add(new() { UserName = "many" });
        db.Comments.AddRange(Enumerable.Range(0, count).Select(i => new Comment
        {
            Id = Guid.CreateVersion7(),
            UserName = "many",
            CreatedAt = app.Clock.Now.AddMilliseconds(i % 100),
            Text = $"{i}",
        }));
        await db.SaveChangesAsync();
    });
}

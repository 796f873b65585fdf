using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Data;

public class OwnSchemaTests
{
    [Fact]
    public async Task Of_several_comments_of_one_millisecond_the_last_one_is_the_latest()
    {
        await using var app = await TestApp.StartAsync();
        for (var i = 0; i < 50; i++)
        {
            await app.PostAsync("ann", $"{i}");
        }

        Assert.Equal("49", await app.LatestAsync("ann"));
    }

    [Fact]
    public async Task A_user_without_comments_has_none()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "hers");

        Assert.Null(await app.LatestAsync("bob"));
        Assert.Null(await app.LatestAsync("Ann"));
    }

    [Theory]
    [InlineData(-1, "old")]
    [InlineData(0, null)]
    [InlineData(1, null)]
    public async Task A_comment_counts_until_it_has_the_age_of_the_retention(int milliseconds, string? expected)
    {
        await using var app = await TestApp.StartAsync();
        var comment = await app.PostAsync("ann", "old");

        app.Clock.Now = comment.CreatedAt.AddDays(1).AddMilliseconds(milliseconds);

        Assert.Equal(expected, await app.LatestAsync("ann"));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_hides_nothing_and_expires_nothing()
    {
        await using var app = await TestApp.StartAsync();
        var before = await app.PostAsync("ann", "before");

        app.Clock.Advance(TimeSpan.FromHours(-2));
        var after = await app.PostAsync("bob", "after");
        var run = await app.ExpireAsync();

        Assert.Equal("before", await app.LatestAsync("ann"));
        Assert.Equal("after", await app.LatestAsync("bob"));
        Assert.Equal(0, run.Deleted);
        Assert.True(after.Id.CompareTo(before.Id) > 0);
    }
}

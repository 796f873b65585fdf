using System.Text.Json;
using CommentFunctions.Comments;
using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Comments;

public class CommentsApiTests
{
    [Fact]
    public async Task A_posted_comment_is_answered_with_itself_and_where_to_list_it()
    {
        await using var app = await TestApp.StartAsync();

        var answer = await PostAsync(app, """{"userName": "a@b.c+d", "text": " Hello, wörld "}""");

        Assert.Equal(201, answer.Status);
        Assert.Equal("/api/users/a%40b.c%2Bd/comments", answer.Location);
        Assert.Equal("a@b.c+d", answer.Text("userName"));
        Assert.Equal(" Hello, wörld ", answer.Text("text"));
        Assert.Equal(app.Clock.Now, answer.Body.GetProperty("createdAt").GetDateTimeOffset());
        Assert.Equal(app.Clock.Now.AddDays(1), answer.Body.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Equal(7, answer.Body.GetProperty("id").GetGuid().Version);
    }

    [Fact]
    public async Task First_posts_of_one_user_at_once_all_succeed_and_nothing_is_logged_as_a_failure()
    {
        using var log = new LogLines(null, LogLevel.Warning);
        await using var app = await TestApp.StartAsync(log: log);

        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => app.PostAsync("new", $"{i}"))));

        var (users, comments) = await app.WithAsync<CommentDbContext, (int, int)>(
            async db => (await db.Users.CountAsync(), await db.Comments.CountAsync()));
        Assert.Equal((1, 24), (users, comments));
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task A_post_succeeds_when_another_one_makes_its_user_in_between()
    {
        TestApp? app = null;
        var first = true;
        async Task MakeUserAsync()
        {
            if (first)
            {
                first = false;
                await app!.PostAsync("new", "theirs");
            }
        }

        await using var started = app = await TestApp.StartAsync(store: inner => new DisturbedStore(inner, beforeWrite: MakeUserAsync));

        await app.PostAsync("new", "mine");

        Assert.Equal(
            ["mine", "theirs"], await app.WithAsync<CommentDbContext, List<string>>(db => db.Comments.Select(c => c.Text).Order().ToListAsync()));
    }

    [Fact]
    public async Task User_names_differ_by_case()
    {
        await using var app = await TestApp.StartAsync();

        await app.PostAsync("ann", "small");
        await app.PostAsync("Ann", "large");

        Assert.Equal(2, await app.WithAsync<CommentDbContext, int>(db => db.Users.CountAsync()));
    }

    [Theory]
    [InlineData("""{"userName": "a b", "text": "x"}""", "userName")]
    [InlineData("""{"userName": "a/b", "text": "x"}""", "userName")]
    [InlineData("""{"userName": "", "text": "x"}""", "userName")]
    [InlineData("""{"userName": "a", "text": ""}""", "text")]
    [InlineData("""{"userName": "a", "text": " \t\r\n\u2003"}""", "text")]
    [InlineData("""{"userName": "a", "text": "a\u0000b"}""", "text")]
    public async Task What_is_not_allowed_is_refused_with_what_is(string body, string property)
    {
        await using var app = await TestApp.StartAsync();

        var problem = (await PostAsync(app, body)).Problem(400);

        Assert.StartsWith(property + " is not", problem, StringComparison.Ordinal);
        Assert.Contains("Allowed: 1 to ", problem, StringComparison.Ordinal);
        Assert.Equal(0, await app.WithAsync<CommentDbContext, int>(db => db.Users.CountAsync()));
    }

    [Theory]
    [InlineData("x", 1024, 201)]
    [InlineData("x", 1025, 400)]
    [InlineData("\U0001F600", 1024, 201)]
    [InlineData("\U0001F600", 1025, 400)]
    public async Task Text_is_measured_in_code_points(string character, int count, int status)
    {
        await using var app = await TestApp.StartAsync();

        var answer = await PostAsync(app, $$"""{"userName": "a", "text": "{{string.Concat(Enumerable.Repeat(character, count))}}"}""");

        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task Comments_are_listed_newest_first_also_within_one_millisecond()
    {
        await using var app = await TestApp.StartAsync();
        foreach (var text in new[] { "1", "2", "3" })
        {
            await app.PostAsync("ann", text);
        }

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await app.PostAsync("ann", "4");
        await app.PostAsync("bob", "other");

        Assert.Equal(["4", "3", "2", "1"], await app.ListAsync("ann"));
    }

    [Fact]
    public async Task Pages_join_without_gap_or_repeat_also_within_one_millisecond()
    {
        await using var app = await TestApp.StartAsync();
        for (var i = 0; i < 23; i++)
        {
            await app.PostAsync("ann", $"{i}");
            app.Clock.Advance(TimeSpan.FromMilliseconds(i % 5 == 0 ? 1 : 0));
        }

        Assert.Equal(Enumerable.Range(0, 23).Reverse().Select(i => $"{i}"), await app.ListAsync("ann", pageSize: 4));
    }

    [Fact]
    public async Task A_comment_is_listed_until_the_millisecond_before_it_has_the_age_of_the_retention()
    {
        await using var app = await TestApp.StartAsync();
        var comment = await app.PostAsync("ann", "old");

        app.Clock.Now = comment.CreatedAt.AddDays(1).AddMilliseconds(-1);
        Assert.Equal(["old"], await app.ListAsync("ann"));

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Empty(await app.ListAsync("ann"));

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Empty(await app.ListAsync("ann"));
    }

    [Fact]
    public async Task The_last_page_says_so()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "only");

        var page = await app.ListPageAsync("ann");

        Assert.Equal(JsonValueKind.Null, page.Body.GetProperty("next").ValueKind);
        Assert.Equal("ann", page.Text("userName"));
    }

    [Fact]
    public async Task An_unknown_user_is_not_found()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Contains("nobody", (await app.ListPageAsync("nobody")).Problem(404), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b", "")]
    [InlineData("ann", "?limit=0")]
    [InlineData("ann", "?limit=101")]
    [InlineData("ann", "?limit=ten")]
    [InlineData("ann", "?limit=1&limit=2")]
    [InlineData("ann", "?before=x")]
    [InlineData("ann", "?before=")]
    [InlineData("ann", "?before=________________________________")]
    public async Task What_is_not_allowed_is_refused(string userName, string query)
    {
        await using var app = await TestApp.StartAsync();

        Assert.NotEmpty((await app.ListPageAsync(userName, query)).Problem(400));
    }

    private static Task<HttpAnswer> PostAsync(TestApp app, string body) =>
        app.SendAsync<CommentsApi>(HttpCalls.Post("/api/comments", body), (api, request) => api.PostAsync(request, default));
}

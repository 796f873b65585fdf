using CommentFunctions.Comments;
using CommentFunctions.Data;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Comments;

public class PostCommentTests
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

    private static Task<HttpAnswer> PostAsync(TestApp app, string body) =>
        app.SendAsync<PostComment>(HttpCalls.Post("/api/comments", body), (function, request) => function.RunAsync(request, default));
}

using System.Text.Json;
using CommentFunctions.Comments;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Comments;

public class ListCommentsTests
{
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

        Assert.Equal(["4", "3", "2", "1"], Texts(await ListAsync(app, "ann")));
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

        List<string> texts = [];
        string? next = null;
        do
        {
            var page = await ListAsync(app, "ann", "?limit=4" + (next is null ? "" : "&before=" + next));
            texts.AddRange(Texts(page));
            next = page.Text("next");
        }
        while (next is not null);

        Assert.Equal(Enumerable.Range(0, 23).Reverse().Select(i => $"{i}"), texts);
    }

    [Fact]
    public async Task A_comment_is_listed_until_the_millisecond_before_it_has_the_age_of_the_retention()
    {
        await using var app = await TestApp.StartAsync();
        var comment = await app.PostAsync("ann", "old");

        app.Clock.Now = comment.CreatedAt.AddDays(1).AddMilliseconds(-1);
        Assert.Equal(["old"], Texts(await ListAsync(app, "ann")));

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Empty(Texts(await ListAsync(app, "ann")));

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Empty(Texts(await ListAsync(app, "ann")));
    }

    [Fact]
    public async Task The_last_page_says_so()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "only");

        var page = await ListAsync(app, "ann");

        Assert.Equal(JsonValueKind.Null, page.Body.GetProperty("next").ValueKind);
        Assert.Equal("ann", page.Text("userName"));
    }

    [Fact]
    public async Task An_unknown_user_is_not_found()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Contains("nobody", (await ListAsync(app, "nobody")).Problem(404), StringComparison.Ordinal);
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

        Assert.NotEmpty((await ListAsync(app, userName, query)).Problem(400));
    }

    private static Task<HttpAnswer> ListAsync(TestApp app, string userName, string query = "") =>
        app.SendAsync<ListComments>(
            HttpCalls.Get($"/api/users/{userName}/comments{query}"), (function, request) => function.RunAsync(request, userName, default));

    private static List<string> Texts(HttpAnswer page) =>
        [.. page.Body.GetProperty("comments").EnumerateArray().Select(c => c.GetProperty("text").GetString()!)];
}

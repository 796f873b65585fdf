using System.Text.RegularExpressions;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Page.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CommentFunctions.Tests.EndToEnd.Page;

/// <summary>What people do on the page, in a real browser on a real app.</summary>
[Requires(Reachable.Chromium)]
[Collection(PageGroup.Name)]
public sealed partial class ChatTests(Browser browser)
{
    private const string Markup = "<img src=x onerror=\"window.ran = true\"><script>window.ran = true</script> & <b>bold</b>";

    [StoreFact]
    public async Task The_bot_answers_in_the_conversation_and_a_reload_shows_it_again()
    {
        await using var visit = await Visit.BeginAsync(browser, app => app.Http.PostCommentAsync("alice", "Hello, world"));
        await visit.GoAsync();

        await visit.AskAsync("alice", "Last comment for alice was Hello, world");
        await visit.AskAsync("nobody", "No comments found for user nobody");
        await visit.GoAsync();

        await Expect(visit.Log.Locator(".said")).ToHaveTextAsync(
            ["alice", "Last comment for alice was Hello, world", "nobody", "No comments found for user nobody"]);
        visit.AssertClean();
    }

    [StoreFact]
    public async Task A_new_conversation_is_empty_and_has_a_name_that_nobody_guesses()
    {
        await using var visit = await Visit.BeginAsync(browser);
        await visit.GoAsync();
        await visit.AskAsync("nobody", "No comments found for user nobody");
        var first = await NameAsync();

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "New conversation" }).ClickAsync();

        await Expect(visit.Log.Locator(".said")).ToHaveCountAsync(0);
        Assert.Matches(Name(), first);
        Assert.Matches(Name(), await NameAsync());
        Assert.NotEqual(first, await NameAsync());
        visit.AssertClean();
        Task<string> NameAsync() => visit.Page.EvaluateAsync<string>("localStorage.getItem('conversation')");
    }

    [StoreFact]
    public async Task A_message_that_could_not_be_sent_says_so_and_is_sent_by_a_second_try()
    {
        await using var visit = await Visit.BeginAsync(browser);
        await visit.GoAsync();
        await visit.Page.RouteAsync("**/bot/messages", route => route.FulfillAsync(new()
        {
            Status = 503,
            ContentType = "application/problem+json",
            Body = """{"detail": "The queue did not take the message."}""",
        }));

        await visit.Page.GetByLabel("Whose latest comment?").FillAsync("bob");
        await visit.Page.GetByLabel("Whose latest comment?").PressAsync("Enter");
        await Expect(visit.Log).ToContainTextAsync("Not sent. The queue did not take the message.");
        await visit.Page.UnrouteAllAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();

        await Expect(visit.Log.Locator(".said")).ToHaveTextAsync(["bob", "No comments found for user bob"]);
        await Expect(visit.Log).Not.ToContainTextAsync("Not sent");
        visit.AssertClean();
    }

    [StoreFact]
    public async Task A_reply_that_is_there_before_the_message_is_known_to_be_sent_is_shown_once()
    {
        await using var visit = await Visit.BeginAsync(browser);
        await visit.GoAsync();
        var held = new TaskCompletionSource();
        await visit.Page.RouteAsync("**/bot/messages", async route =>
        {
            var answer = await route.FetchAsync();
            await held.Task;
            await route.FulfillAsync(new() { Response = answer });
        });

        await visit.Page.GetByLabel("Whose latest comment?").FillAsync("bob");
        await visit.Page.GetByLabel("Whose latest comment?").PressAsync("Enter");
        // As after a while in another tab.
        await AppClient.EventuallyAsync(
            async () =>
            {
                await visit.Page.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");
                return await visit.Log.Locator(".bubble.bot").CountAsync() == 1;
            },
            "the reply is shown");
        held.SetResult();

        await Expect(visit.Log.Locator(".said")).ToHaveTextAsync(["bob", "No comments found for user bob"]);
        await Expect(visit.Log).Not.ToContainTextAsync("Sending");
        visit.AssertClean();
    }

    [StoreFact]
    public async Task An_app_that_is_gone_is_said_to_be_gone()
    {
        await using var visit = await Visit.BeginAloneAsync(browser);
        await visit.GoAsync();
        await visit.App.KillAsync();

        await visit.ShowAsync("alice");

        await Expect(visit.Page.Locator("#comments-note")).ToHaveTextAsync("The app cannot be reached. Check the connection, and try again.");
    }

    [StoreFact]
    public async Task Comments_are_text_whatever_stands_in_them()
    {
        await using var visit = await Visit.BeginAsync(browser);
        await visit.GoAsync();

        await visit.Page.GetByLabel("User name").FillAsync("mallory");
        await visit.Page.GetByLabel("New comment").FillAsync(Markup);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Post" }).ClickAsync();
        await Expect(visit.Comments.Locator(".said")).ToHaveTextAsync([Markup]);
        await visit.AskAsync("mallory", $"Last comment for mallory was {Markup}");
        await visit.AskAsync(Markup, $"No comments found for user {Markup}");

        Assert.True(await visit.Page.EvaluateAsync<bool>("window.ran === undefined"));
        Assert.Equal(0, await visit.Page.Locator("main img, main b, main script").CountAsync());
        visit.AssertClean();
    }

    [StoreFact]
    public async Task A_comment_counts_down_and_vanishes_at_its_time_with_the_exchange_that_quotes_it()
    {
        await using var visit = await Visit.BeginAloneAsync(browser, settings: ("Comments__Retention", "00:00:12"));
        await visit.GoAsync();

        await visit.Page.GetByLabel("User name").FillAsync("alice");
        await visit.Page.GetByLabel("New comment").FillAsync("gone soon");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Post" }).ClickAsync();
        await Expect(visit.Comments.Locator(".left")).ToHaveTextAsync(Seconds());
        await visit.AskAsync("alice", "Last comment for alice was gone soon");

        await Expect(visit.Comments).ToHaveCountAsync(0);
        await Expect(visit.Page.Locator("#comments-note")).ToHaveTextAsync("A comment has vanished.");
        await Expect(visit.Page.GetByText("alice has no comments at the moment.")).ToBeVisibleAsync();
        await Expect(visit.Log.Locator(".said")).ToHaveCountAsync(0);
        visit.AssertClean();
    }

    [StoreFact]
    public async Task Many_comments_come_page_by_page_newest_first()
    {
        await using var visit = await Visit.BeginAsync(browser, app => Task.WhenAll(Enumerable.Range(1, 205).Select(i => app.Http.PostCommentAsync("alice", $"comment {i}"))));
        await visit.GoAsync();
        await visit.ShowAsync("alice");
        var more = visit.Page.GetByRole(AriaRole.Button, new() { Name = "Show 100 older ones" });
        var count = visit.Page.Locator("#list-count");

        await Expect(visit.Comments).ToHaveCountAsync(100);
        await Expect(count).ToHaveTextAsync("The newest 100 comments");
        await more.ClickAsync();
        await Expect(count).ToHaveTextAsync("The newest 200 comments");
        await more.ClickAsync();
        await Expect(count).ToHaveTextAsync("205 comments");

        var texts = await visit.Comments.Locator(".said").AllInnerTextsAsync();
        Assert.Equal(Enumerable.Range(1, 205).Select(i => $"comment {i}").Order(), texts.Order());
        var times = await visit.Comments.Locator("time").EvaluateAllAsync<string[]>("nodes => nodes.map(node => node.dateTime)");
        Assert.Equal(times.OrderDescending(), times);
        await Expect(more).ToBeHiddenAsync();
        visit.AssertClean();
    }

    [StoreFact]
    public async Task What_the_app_refuses_is_told_in_its_own_words()
    {
        await using var visit = await Visit.BeginAsync(browser);
        await visit.GoAsync();

        await visit.ShowAsync("not a name");
        await Expect(visit.Page.Locator("#comments-note")).ToContainTextAsync("A user name is 1 to 150 characters");
        await visit.ShowAsync("zoe");

        await Expect(visit.Page.Locator("#list-empty")).ToHaveTextAsync("No user is named zoe. Users exist from their first comment on.");
        await Expect(visit.Page.Locator("#comments-note")).ToHaveTextAsync("");
        visit.AssertClean();
    }

    [StoreFact]
    public async Task It_works_behind_a_prefix()
    {
        await using var visit = await Visit.BeginAsync(browser, app => app.Http.PostCommentAsync("alice", "Hello"));
        await visit.Page.RouteAsync("**/some/where/**", async route => await route.FulfillAsync(new()
        {
            Response = await route.FetchAsync(new() { Url = route.Request.Url.Replace("/some/where/", "/", StringComparison.Ordinal) }),
        }));

        await visit.GoAsync("some/where/api/chat");
        await visit.ShowAsync("alice");

        await Expect(visit.Comments.Locator(".said")).ToHaveTextAsync(["Hello"]);
        await visit.AskAsync("alice", "Last comment for alice was Hello");
        visit.AssertClean();
    }

    [StoreFact]
    public async Task What_people_write_has_the_direction_of_its_script_and_is_sent_by_the_keyboard()
    {
        await using var visit = await Visit.BeginAsync(browser);
        await visit.GoAsync();

        await visit.Page.GetByLabel("User name").FillAsync("alice");
        await visit.Page.GetByLabel("New comment").FillAsync("مرحبا، world");
        await visit.Page.GetByLabel("New comment").PressAsync("Control+Enter");

        await Expect(visit.Comments.Locator(".said")).ToHaveTextAsync(["مرحبا، world"]);
        await Expect(visit.Comments.Locator(".said")).ToHaveCSSAsync("direction", "rtl");
        await visit.AskAsync("alice", "Last comment for alice was مرحبا، world");
        await Expect(visit.Log.Locator(".bubble.bot .said")).ToHaveCSSAsync("direction", "ltr");
        visit.AssertClean();
    }

    [StoreFact]
    public async Task At_first_there_is_what_everybody_wrote_and_each_name_leads_to_its_comments()
    {
        await using var visit = await Visit.BeginAsync(browser, async app =>
        {
            await app.Http.PostCommentAsync("alice", "one");
            await app.Http.PostCommentAsync("bob", "two");
            await app.Http.PostCommentAsync("alice", "three");
        });
        await visit.GoAsync();
        await Expect(visit.Comments.Locator(".said")).ToHaveTextAsync(["three", "two", "one"]);
        await Expect(visit.Page.Locator("#list-count")).ToHaveTextAsync("3 comments of everybody");

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "alice" }).First.ClickAsync();
        await Expect(visit.Comments.Locator(".said")).ToHaveTextAsync(["three", "one"]);
        await Expect(visit.Page.GetByLabel("User name")).ToHaveValueAsync("alice");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Everybody’s" }).ClickAsync();

        await Expect(visit.Comments).ToHaveCountAsync(3);
        visit.AssertClean();
    }

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^vanishes in \d+ s$")]
    private static partial Regex Seconds();
}

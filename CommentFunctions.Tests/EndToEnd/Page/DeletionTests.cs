using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Page.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CommentFunctions.Tests.EndToEnd.Page;

/// <summary>The deletion on the page.</summary>
[Requires(Reachable.Chromium)]
[Collection(PageGroup.Name)]
public sealed class DeletionTests(Browser browser)
{
    [StoreFact]
    public async Task The_deletion_counts_first_asks_and_then_deletes()
    {
        await using var visit = await Visit.BeginAsync(browser, PostThreeAsync);
        await visit.OperateAsync();
        await visit.ShowAsync("alice");
        await Expect(visit.Comments).ToHaveCountAsync(3);

        await CountAsync(visit, "All comments");
        var dialog = visit.Page.GetByRole(AriaRole.Dialog, new() { Name = "Delete 3 comments?" });
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Keep them" })).ToBeFocusedAsync();
        Assert.Equal(3, (await visit.App.Http.CommentsAsync("alice")).Count);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete 3 comments" }).ClickAsync();

        await Expect(visit.Page.Locator("#runs-note")).ToHaveTextAsync("Deleted 3 comments.");
        await Expect(visit.Comments).ToHaveCountAsync(0);
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Delete…" })).ToBeFocusedAsync();
        visit.AssertClean();
    }

    [StoreFact]
    public async Task A_deletion_that_takes_longer_than_its_caller_may_wait_is_looked_after_until_it_ends()
    {
        await using var visit = await Visit.BeginAsync(browser, PostThreeAsync);
        var isOver = false;
        const string Run = """{"id":"one","triggeredBy":"address 127.0.0.1","work":"expiry","startedAt":"2026-01-01T00:00:00Z","dryRun":false,"deleted":2,"outcome":"running"}""";
        await visit.Page.RouteAsync("**/expiry-runs?olderThan=00*00*00", route => route.FulfillAsync(new() { Status = 202, ContentType = "application/json", Body = Run }));
        await visit.Page.RouteAsync("**/expiry-runs/one", route => route.FulfillAsync(new() { ContentType = "application/json", Body = View() }));
        await visit.Page.RouteAsync("**/expiry-runs?limit=20", route => route.FulfillAsync(new() { ContentType = "application/json", Body = $$"""{"runs":[{{View()}}]}""" }));
        await visit.OperateAsync();

        await CountAsync(visit, "All comments");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Delete 3 comments" }).ClickAsync();

        await Expect(visit.Page.Locator("#progress")).ToContainTextAsync("address 127.0.0.1 deletes: 2 of 3 so far. It goes on without this page.");
        await Expect(visit.Page.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("value", "2");
        isOver = true;
        await Expect(visit.Page.Locator("#runs-note")).ToHaveTextAsync("Deleted 3 comments.", new() { Timeout = 30_000 });
        await Expect(visit.Page.Locator("#progress")).ToBeHiddenAsync();

        string View() => isOver ? Run.Replace("running", "succeeded", StringComparison.Ordinal).Replace(":2,", ":3,", StringComparison.Ordinal) : Run;
    }

    [StoreFact]
    public async Task Who_does_not_confirm_keeps_the_comments()
    {
        await using var visit = await Visit.BeginAsync(browser, PostThreeAsync);
        await visit.OperateAsync();

        await CountAsync(visit, "All comments");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Keep them" }).ClickAsync();

        await Expect(visit.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await Expect(visit.Page.Locator("#runs-note")).ToHaveTextAsync("3 comments would be deleted.");
        Assert.Equal(3, (await visit.App.Http.CommentsAsync("alice")).Count);
    }

    [StoreFact]
    public async Task Where_nothing_is_old_enough_nothing_is_asked()
    {
        await using var visit = await Visit.BeginAsync(browser, PostThreeAsync);
        await visit.OperateAsync();

        await CountAsync(visit, "Expired comments");
        await Expect(visit.Page.Locator("#runs-note")).ToHaveTextAsync("Nothing to delete: no comment is that old.");
        await CountAsync(visit, "Comments older than an hour");
        await Expect(visit.Page.Locator("#runs-note")).ToHaveTextAsync("Nothing to delete: no comment is that old.");

        await Expect(visit.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        visit.AssertClean();
    }

    [StoreFact]
    public async Task The_last_runs_are_a_chart_and_a_table()
    {
        await using var visit = await Visit.BeginAloneAsync(browser, async (app, _) =>
        {
            await PostThreeAsync(app);
            await app.Http.PostAsync("api/expiry-runs?olderThan=00:00:00", null);
            await app.Http.PostAsync("api/expiry-runs?dryRun=true", null);
        });
        await visit.OperateAsync();

        var chart = visit.Page.GetByRole(AriaRole.Img, new() { NameString = "2 runs. Newest:" });
        await Expect(chart).ToBeVisibleAsync();
        await Expect(chart.Locator("g.deleted rect")).ToHaveCountAsync(1);
        await Expect(chart.Locator("g.counted rect")).ToHaveCountAsync(1);
        await Expect(visit.Page.Locator("#runs-rows tr td:nth-child(3)")).ToHaveTextAsync(["0 counted", "3 deleted"]);
        await Expect(visit.Page.Locator("#runs-rows tr td:nth-child(5)")).ToHaveTextAsync(["succeeded", "succeeded"]);
        visit.AssertClean();
    }

    [StoreFact]
    public async Task Where_a_key_is_asked_for_the_page_says_so_takes_it_and_does_not_keep_it()
    {
        await using var visit = await Visit.BeginAsync(browser, PostThreeAsync);
        // As in Azure: an answer without a body to who has no key.
        await visit.Page.RouteAsync("**/expiry-runs*", async route =>
        {
            var key = await route.Request.HeaderValueAsync("x-functions-key");
            await (key == "a-key" ? route.ContinueAsync() : route.FulfillAsync(new() { Status = 401 }));
        });
        await visit.OperateAsync();
        var key = visit.Page.GetByLabel("Key to operate the app");
        await Expect(visit.Page.Locator("#history-note")).ToContainTextAsync("This needs the key to operate the app.");
        await Expect(key).ToBeHiddenAsync();

        await CountAsync(visit, "All comments");
        await Expect(visit.Page.Locator("#runs-note")).ToHaveTextAsync("This needs the key to operate the app. Enter it under “Key”, at the top of the page.");
        await Expect(key).ToBeFocusedAsync();
        await key.FillAsync("another-key");
        await CountAsync(visit, "All comments");
        await Expect(visit.Page.Locator("#runs-note")).ToContainTextAsync("The app does not accept this key to operate the app.");
        await key.FillAsync("a-key");
        await key.PressAsync("Enter");
        await CountAsync(visit, "All comments");

        await Expect(visit.Page.GetByRole(AriaRole.Dialog, new() { Name = "Delete 3 comments?" })).ToBeVisibleAsync();
        Assert.DoesNotContain("a-key", await visit.Page.EvaluateAsync<string>(
            "JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie + location.href"), StringComparison.Ordinal);
    }

    /// <summary>As in Azure, where each right has a key of its own, and what takes none is told none.</summary>
    [StoreFact]
    public async Task Each_request_carries_the_key_of_its_right_and_no_other()
    {
        await using var visit = await Visit.BeginAsync(browser);
        var sent = new System.Collections.Concurrent.ConcurrentDictionary<string, string?>();
        await visit.Page.RouteAsync("**/api/**", async route =>
        {
            sent[$"{route.Request.Method} {new Uri(route.Request.Url).AbsolutePath}"] = await route.Request.HeaderValueAsync("x-functions-key");
            await route.ContinueAsync();
        });
        await visit.GoAsync();
        await GiveAsync("Key to post comments", "a-key-to-post");
        await visit.Page.GetByLabel("User name").FillAsync("alice");
        await visit.Page.GetByLabel("New comment").FillAsync("Hello");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Post" }).ClickAsync();
        await Expect(visit.Comments).ToHaveCountAsync(1);
        await visit.AskAsync("alice", "Last comment for alice was Hello");
        Assert.Null(sent["GET /api/comments"]);
        await visit.OperateAsync();
        await GiveAsync("Key to operate the app", "a-key-to-operate");
        await CountAsync(visit, "All comments");
        await Expect(visit.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();

        Assert.Equal((null, "a-key-to-operate"), (sent["GET /api/health"], sent["GET /api/comments"]));
        Assert.Equal(("a-key-to-post", "a-key-to-operate"), (sent["POST /api/comments"], sent["POST /api/expiry-runs"]));
        Assert.Equal((null, null), (sent["POST /api/bot/messages"], sent["GET /api/users/alice/comments"]));
        visit.AssertClean();

        async Task GiveAsync(string field, string key)
        {
            await visit.Page.Locator("#key-box summary").ClickAsync();
            await visit.Page.GetByLabel(field).FillAsync(key);
            await visit.Page.Locator("#key-box summary").ClickAsync();
        }
    }

    private static async Task PostThreeAsync(AppProcess app)
    {
        foreach (var text in new[] { "one", "two", "three" })
        {
            await app.Http.PostCommentAsync("alice", text);
        }
    }

    private static async Task CountAsync(Visit visit, string what)
    {
        await visit.Page.GetByLabel("What to delete").SelectOptionAsync(what);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Delete…" }).ClickAsync();
    }
}

using System.Net;
using System.Text.RegularExpressions;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Page.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CommentFunctions.Tests.EndToEnd.Page;

/// <summary>What an operator sees and does on the dashboard.</summary>
[Requires(Reachable.Chromium)]
[Collection(PageGroup.Name)]
public sealed class DashboardTests(Browser browser)
{
    [StoreFact]
    public async Task The_address_of_the_app_leads_to_it_and_it_says_how_the_app_is()
    {
        await using var visit = await Visit.BeginAsync(browser);

        await visit.GoAsync("");

        await Expect(visit.Page).ToHaveURLAsync(new Uri(visit.App.Http.BaseAddress!, "api/dashboard").ToString());
        await Expect(Badge(visit)).ToHaveTextAsync("Healthy");
        await Expect(visit.Page.Locator("#fact-next")).ToContainTextAsync("in ");
        await Expect(visit.Page.Locator("#fact-last")).ToHaveTextAsync(new Regex(@"^\d\d:\d\d by operator, deleted \d+ comments? in "));
        await Expect(visit.Page.Locator("#fact-retention")).ToHaveTextAsync("Comments live 24 h");
        await Expect(visit.Page.Locator("#fact-store")).ToHaveTextAsync("Sqlite: takes comments");
        await Expect(visit.Page.Locator("#queues tr")).ToHaveTextAsync(["bot-messages00–0", "bot-replies00–0", "expiry-runs00–0"]);
        await Expect(visit.Page.GetByRole(AriaRole.Link, new() { Name = "Try it" })).ToBeVisibleAsync();
        visit.AssertClean();
    }

    [StoreFact]
    public async Task A_run_of_the_schedule_appears_on_a_page_that_is_open()
    {
        await using var visit = await Visit.BeginAloneAsync(
            browser, (app, _) => app.Http.PostCommentAsync("alice", "gone soon"), ("CommentExpirySchedule", "*/4 * * * * *"), ("Comments__Retention", "00:00:04"));
        await visit.OperateAsync();

        await Expect(visit.Page.Locator("#runs-rows tr").Filter(new() { HasText = "1 deleted" })).ToContainTextAsync("timer");
        await Expect(visit.Comments).ToHaveCountAsync(0);
        visit.AssertClean();
    }

    [StoreFact]
    public async Task Where_nobody_wrote_and_a_setting_stopped_the_deletion_it_says_so()
    {
        await using var visit = await Visit.BeginAloneAsync(browser, settings: ("AzureWebJobs__DeleteExpiredComments__Disabled", "true"));
        await visit.OperateAsync();

        await Expect(Badge(visit)).ToHaveTextAsync("Degraded");
        await Expect(visit.Page.Locator("#fact-next")).ToHaveTextAsync("none: the timer is off");
        await Expect(visit.Page.Locator("#fact-next")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("#fact-off")).ToHaveTextAsync("DeleteExpiredComments");
        await Expect(visit.Page.Locator("#list-empty")).ToHaveTextAsync("There are no comments at the moment.");
        await Expect(visit.Page.Locator("#comments-note")).ToHaveTextAsync("");

        await visit.App.Http.PostCommentAsync("alice", "the only one");
        await visit.Page.ReloadAsync();
        await Expect(visit.Page.Locator("#list-count")).ToHaveTextAsync("1 comment of everybody");
        await Expect(visit.Page.Locator("#more")).ToBeHiddenAsync();
        visit.AssertClean();
    }

    [StoreFact]
    public async Task What_waits_to_be_tried_again_is_not_said_to_be_answered()
    {
        await using var visit = await Visit.BeginAloneAsync(browser, (_, folder) => folder.UseQueuesAsync(queues =>
            queues.SendAsync(QueueNames.Replies, [new("a reply") { ScheduledEnqueueTime = DateTimeOffset.UtcNow.AddHours(1) }])));
        await visit.OperateAsync();

        await Expect(Badge(visit)).ToHaveTextAsync("Healthy");
        await Expect(visit.Page.Locator("#queues tr")).ToHaveTextAsync(["bot-messages00–0", "bot-replies01–0", "expiry-runs00–0"]);
        await Expect(visit.Page.Locator("#no-reasons")).ToContainTextAsync("tried again");
        visit.AssertClean();
    }

    [StoreFact]
    public async Task Dead_letters_are_shown_with_their_reason_and_are_replayed_and_dropped()
    {
        await using var visit = await Visit.BeginAloneAsync(browser, async (app, folder) =>
        {
            await folder.UseQueuesAsync(async queues =>
            {
                await queues.SendAsync(QueueNames.Messages, [new("not JSON"), new("nor this")]);
                await AppClient.EventuallyAsync(async () => (await queues.CountAsync(QueueNames.Messages)).DeadLettered == 2, "two messages are given up on");
            });
        });
        await visit.OperateAsync();
        var letters = visit.Page.Locator("#letters li");
        await Expect(Badge(visit)).ToHaveTextAsync("Degraded");
        await Expect(visit.Page.Locator("#reasons")).ToContainTextAsync("The queue bot-messages has dead letters: 2.");
        await Expect(letters).ToHaveCountAsync(2);
        await Expect(letters.First.Locator("strong")).ToHaveTextAsync("MalformedMessage");

        await letters.First.GetByRole(AriaRole.Button, new() { Name = "Drop…" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();
        await Expect(letters).ToHaveCountAsync(2);
        await letters.First.GetByRole(AriaRole.Button, new() { Name = "Drop…" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Drop it" }).ClickAsync();
        await Expect(visit.Page.Locator("#letters-note")).ToHaveTextAsync("Dropped.");
        await Expect(letters).ToHaveCountAsync(1);

        // It is no better than before, and is given up on again: a new dead letter in the place of the old one.
        var before = await letters.Locator("p[id]").GetAttributeAsync("id");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Replay all of bot-messages" }).ClickAsync();
        await Expect(visit.Page.Locator("#letters-note")).ToHaveTextAsync("1 sent to bot-messages again.");
        await Expect(visit.Page.Locator($"#{before}")).ToHaveCountAsync(0);
        await Expect(letters).ToHaveCountAsync(1);
        await letters.GetByRole(AriaRole.Button, new() { Name = "Replay" }).ClickAsync();
        await Expect(visit.Page.Locator("#letters-note")).ToHaveTextAsync("Sent to bot-messages again.");
        visit.AssertClean();
    }

    [StoreFact]
    public async Task That_the_app_was_gone_is_said_no_longer_than_it_holds()
    {
        await using var visit = await Visit.BeginAloneAsync(browser);
        await visit.OperateAsync();
        await Expect(Badge(visit)).ToHaveTextAsync("Healthy");
        var connection = visit.Page.Locator("#connection");

        await visit.RestartAsync(async () =>
        {
            await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Delete…" }).ClickAsync();
            await Expect(visit.Page.Locator("#runs-note")).ToContainTextAsync("The app cannot be reached.");
            await Expect(connection).ToContainTextAsync("The app cannot be reached since ");
            await Expect(Badge(visit)).ToHaveTextAsync("Not reached");
        });

        await Expect(Badge(visit)).ToHaveTextAsync("Healthy");
        await Expect(connection).ToHaveTextAsync("");
        foreach (var note in new[] { "#health-note", "#history-note", "#comments-note" })
        {
            await Expect(visit.Page.Locator(note)).ToHaveTextAsync("");
        }
    }

    [StoreFact]
    public async Task A_user_is_erased_after_a_count_and_a_question()
    {
        await using var visit = await Visit.BeginAsync(browser, async app =>
        {
            await app.Http.PostCommentAsync("mallory", "one");
            await app.Http.PostCommentAsync("mallory", "two");
            await app.Http.PostCommentAsync("alice", "three");
        });
        await visit.OperateAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "mallory" }).First.ClickAsync();
        var erase = visit.Page.GetByRole(AriaRole.Button, new() { Name = "Erase mallory…" });

        await erase.ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Keep all" }).ClickAsync();
        await Expect(visit.Comments).ToHaveCountAsync(2);
        await erase.ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Dialog, new() { Name = "Erase mallory and 2 comments?" })).ToBeVisibleAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Erase mallory", Exact = true }).ClickAsync();

        await Expect(visit.Page.Locator("#comments-note")).ToHaveTextAsync("Erased, with 2 comments.");
        await Expect(visit.Comments.Locator(".said")).ToHaveTextAsync(["three"]);
        await Expect(erase).ToBeHiddenAsync();
        await Expect(visit.Page.Locator("#runs-rows tr").First).ToContainTextAsync(", erasure of a user");
        Assert.Equal(HttpStatusCode.NotFound, (await visit.App.Http.GetAsync("api/users/mallory/comments")).StatusCode);
        visit.AssertClean();
    }

    [StoreFact]
    public async Task On_a_site_there_is_nothing_that_the_site_alone_may_do()
    {
        using var folder = new AppFolder();
        await MakeSiteAsync(Path.Combine(folder.Path, "site.db"));
        await using var app = await AppProcess.ServeAsync(
            folder,
            ("Comments__Schema", "Django"), ("Comments__ConnectionString", "Data Source=site.db"), ("Comments__CreateSchema", "true"), ("Comments__Django__TimeZone", "UTC"));
        await using var visit = await Visit.BeginAsync(browser, app);

        await visit.OperateAsync();
        await Expect(visit.Page.Locator("#fact-store")).ToHaveTextAsync("Sqlite, tables of a Django site: takes comments");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "ann" }).ClickAsync();
        await Expect(visit.Comments.Locator(".said")).ToHaveTextAsync(["of the site"]);
        await Expect(visit.Page.Locator("#erase")).ToBeHiddenAsync();
        await visit.GoAsync();
        await Expect(visit.Comments.Locator(".said")).ToHaveTextAsync(["of the site"]);
        await Expect(visit.Page.Locator("#site-hint")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByLabel("New comment")).ToBeHiddenAsync();
        visit.AssertClean();
    }

    /// <summary>As in Azure, unless it is turned on.</summary>
    [StoreFact]
    public async Task Without_the_web_channel_it_does_all_it_does_and_does_not_lead_to_the_other_page()
    {
        await using var visit = await Visit.BeginAloneAsync(
            browser, (app, _) => app.Http.PostCommentAsync("alice", "Hello"), ("Channels__Web__Enabled", "false"));
        await visit.OperateAsync();

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "alice" }).ClickAsync();
        await Expect(visit.Page.Locator("#list-count")).ToHaveTextAsync("1 comment");
        await Expect(visit.Comments.Locator(".said")).ToHaveTextAsync(["Hello"]);
        await Expect(visit.Page.GetByRole(AriaRole.Link, new() { Name = "Try it" })).ToBeHiddenAsync();
        visit.AssertClean();
    }

    private static ILocator Badge(Visit visit) => visit.Page.Locator("#health-badge");

    private static async Task MakeSiteAsync(string file)
    {
        await using var site = new SqliteConnection($"Data Source={file};Pooling=false");
        await site.OpenAsync();
        await using var command = site.CreateCommand();
        command.CommandText = """
            CREATE TABLE auth_user (id INTEGER PRIMARY KEY, username TEXT NOT NULL);
            CREATE TABLE comments_comment (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, timestamp TEXT NOT NULL, text TEXT NOT NULL);
            INSERT INTO auth_user VALUES (1, 'ann');
            INSERT INTO comments_comment VALUES (1, 1, datetime('now', '-2 days'), 'expired'), (2, 1, datetime('now', '-1 minute'), 'of the site');
            """;
        await command.ExecuteNonQueryAsync();
    }
}

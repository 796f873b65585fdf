using System.Text.Json;
using CommentFunctions.Channels.Web;
using CommentFunctions.Comments;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Health;
using CommentFunctions.Telemetry;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.Azure.Functions.Worker;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Data.Cosmos;

/// <summary>What is special to Cosmos DB: how it is asked, what a lost answer or a throttled request leads to, and time to live.</summary>
[Requires(Reachable.CosmosStore)]
public sealed class CosmosStoreTests : IAsyncLifetime
{
    private CosmosServer server = null!;

    public async Task InitializeAsync() => server = await CosmosServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [StoreFact]
    public async Task Each_part_of_a_request_is_one_request_of_one_partition()
    {
        await using var app = await StartAsync();
        await app.PostAsync("ann", "hers");
        await AssertAskedAsync(() => app.PostAsync("ann", "hers too"), "users read 200", "comments create 201");
        await AssertAskedAsync(() => PostAsync(app, "bob"), "users read 404", "users create 201", "comments create 201");
        await AssertAskedAsync(
            () => app.ListPageAsync("ann", "?limit=1"), "comments query 200");
        var reply = await app.AnswerAsync("ann");
        await AssertAskedAsync(() => app.AnswerAsync("ann"), "comments query 200");
        await AssertAskedAsync(() => app.DeliverAsync(reply), "deliveries read 404", "comments query 200", "conversations read 404", "conversations create 201", "deliveries create 201");
        await AssertAskedAsync(() => app.DeliverAsync(reply), "deliveries read 200");
        await AssertAskedAsync(() => app.WithAsync<ConversationReader>(reader => reader.ReadAsync("c", default)), "conversations query 200");
        await AssertAskedAsync(
            () => app.SendAsync<ExpiryRunsApi>(HttpCalls.Get("/api/expiry-runs"), (api, request) => api.ListAsync(request, default)), "runs query 200");
        await AssertAskedAsync(
            () => HealthAsync(app),
            "runs query 200", "comments delete 404", "conversations delete 404", "deliveries delete 404", "runs delete 404", "users delete 404");
    }

    [StoreFact]
    public async Task An_account_that_lets_nothing_be_written_is_unhealthy()
    {
        await using var app = await StartAsync();
        Assert.Equal("healthy", (await HealthAsync(app)).Text("status"));

        await server.FailAsync(new { op = "delete", coll = "comments", status = 403 });
        var health = await HealthAsync(app);

        Assert.Equal((503, "unhealthy"), (health.Status, health.Text("status")));
        Assert.Contains("the account does not let the app write", health.Body.GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task A_save_whose_answer_was_lost_is_recognised()
    {
        await using var app = await StartAsync();
        foreach (var status in new[] { 408, 410, 500, 503 })
        {
            await server.FailAsync(
                new { op = "create", coll = "comments", status, commit = true, count = 1 },
                new { op = "create", coll = "users", status, commit = true, count = 1 },
                new { op = "create", coll = "runs", status, commit = true, count = 1 },
                new { op = "replace", coll = "runs", status, commit = true, count = 1 });

            Assert.Equal(201, (await PostAsync(app, $"user{status}")).Status);
            Assert.Equal(RunOutcome.Succeeded, (await app.ExpireAsync()).Outcome);
        }

        Assert.Equal(4, (await server.ItemsAsync("comments", "comments")).Count);
        Assert.All(await server.ItemsAsync("comments", "runs"), run => Assert.Equal("Succeeded", run.GetProperty("outcome").GetString()));
    }

    [StoreFact]
    public async Task A_reply_whose_records_answers_were_lost_is_delivered_and_no_repeat()
    {
        await using var app = await StartAsync();
        await server.FailAsync(new { op = "create", coll = "deliveries|conversations", status = 503, commit = true, count = 2 });
        using var measured = new Measurements(app);

        await app.AskAsync("ann");

        Assert.Single(await server.ItemsAsync("comments", "conversations"));
        Assert.Single(await server.ItemsAsync("comments", "deliveries"));
        Assert.Equal(["channel=web, outcome=delivered"], measured.TagsOf(TelemetryNames.BotReplies));
    }

    [StoreFact]
    public async Task An_item_of_somebody_elses_under_the_same_key_is_a_conflict()
    {
        await using var app = await StartAsync();
        var comment = await app.PostAsync("ann", "hers");

        await Assert.ThrowsAsync<DbUpdateException>(() => app.WithAsync<CommentDbContext>(db =>
        {
            db.Comments.Add(new() { Id = comment.Id, UserName = "ann", CreatedAt = comment.CreatedAt, Text = "other" });
            return db.SaveChangesAsync();
        }));
    }

    [StoreFact]
    public async Task A_throttled_save_is_tried_ten_times_by_the_client_alone_and_its_caller_is_told_to_come_again()
    {
        await using var app = await StartAsync();
        await app.PostAsync("ann", "hers");
        await server.ResetAsync();
        await server.FailAsync(new { op = "create", coll = "comments", status = 429, sub = 3200, retryAfterMs = 20 });

        var answer = await PostAsync(app, "ann");

        Assert.Equal(503, answer.Status);
        Assert.Equal("1", answer.RetryAfter);
        Assert.Equal(10, (await server.RequestsAsync()).Where(r => r is { Container: "comments", Operation: "create" }).Sum(r => r.Count));
    }

    [StoreFact]
    public async Task What_a_server_without_its_database_or_rights_answers_is_an_outage()
    {
        await using var app = await StartAsync();
        await app.PostAsync("ann", "hers");
        foreach (var (status, sub) in new[] { (401, 0), (403, 0), (404, 1003), (503, 0) })
        {
            await server.FailAsync(new { op = "create|read|query", coll = "users|comments", status, sub });

            Assert.Equal(503, (await PostAsync(app, "ann")).Status);
        }
    }

    [StoreFact]
    public async Task Where_comments_vanish_by_themselves_the_timer_counts_those_that_do_not()
    {
        await using var app = await StartAsync(("Comments:ExpireBy", "TimeToLive"));
        await app.PostAsync("ann", "old");
        app.Clock.Advance(TimeSpan.FromDays(1.02));
        var run = await TimerAsync(app);
        Assert.Equal((true, 0, RunOutcome.Succeeded), (run.DryRun, run.Deleted, run.Outcome));

        // The server's clock stands still, so nothing vanishes.
        app.Clock.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => TimerAsync(app));
        var runs = await app.WithAsync<CommentDbContext, List<ExpiryRun>>(db => db.ExpiryRuns.AsNoTracking().ToListAsync());
        var failed = runs.MaxBy(r => r.StartedAt)!;
        Assert.Equal((1, RunOutcome.Failed), (failed.Deleted, failed.Outcome));
        Assert.Contains("1 comments should have vanished by themselves, 0 at the last count", failed.Error, StringComparison.Ordinal);

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, RunOutcome.Succeeded), ((await TimerAsync(app)) is var again ? again.Deleted : 0, again.Outcome));
        Assert.Single(await server.ItemsAsync("comments", "comments"));

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await app.ExpireAsync()).Deleted);
    }

    [StoreFact]
    public async Task Counts_of_what_vanishes_by_itself_are_what_the_health_check_waits_for()
    {
        await using var app = await StartAsync(("Comments:ExpireBy", "TimeToLive"));
        await TimerAsync(app);
        app.Clock.Advance(TimeSpan.FromDays(2));
        await TimerAsync(app);

        var health = await app.SendAsync<GetHealth>(HttpCalls.Get("/api/health"), (function, request) => function.RunAsync(request, default));

        Assert.Equal((200, "healthy"), (health.Status, health.Text("status")));
    }

    private static async Task<ExpiryRun> TimerAsync(TestApp app)
    {
        await app.WithAsync<DeleteExpiredComments>(function => function.RunAsync(new TimerInfo(), default));
        return (await app.WithAsync<CommentDbContext, List<ExpiryRun>>(db => db.ExpiryRuns.AsNoTracking().ToListAsync())).MaxBy(run => run.StartedAt)!;
    }

    private static Task<HttpAnswer> PostAsync(TestApp app, string userName) => app.SendAsync<CommentsApi>(
        HttpCalls.Post("/api/comments", JsonSerializer.Serialize(new { userName, text = "text" })), (api, request) => api.PostAsync(request, default));

    private Task<TestApp> StartAsync(params (string Name, string Value)[] settings) => TestApp.StartAsync(
        new Dictionary<string, string?>(settings.Select(s => new KeyValuePair<string, string?>(s.Name, s.Value)))
        {
            ["Comments:Store"] = "Cosmos",
            ["Comments:ConnectionString"] = server.ConnectionString,
            ["Comments:CreateSchema"] = "true",
        });

    private static Task<HttpAnswer> HealthAsync(TestApp app) =>
        app.SendAsync<GetHealth>(HttpCalls.Get("/api/health"), (function, request) => function.RunAsync(request, default));

    private async Task AssertAskedAsync(Func<Task> ask, params string[] requests)
    {
        await server.ResetAsync();
        await ask();
        Assert.Equal(
            requests.Order(StringComparer.Ordinal),
            (await server.RequestsAsync()).Where(r => r.Operation != "meta").SelectMany(r => Enumerable.Repeat($"{r.Container} {r.Operation} {r.Outcome}", r.Count)).Order(StringComparer.Ordinal));
    }
}

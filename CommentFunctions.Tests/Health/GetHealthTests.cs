using System.Text.Json;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Health;
using CommentFunctions.Queues;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.Health;

public class GetHealthTests
{
    [Fact]
    public async Task All_is_well_on_a_new_app()
    {
        await using var app = await TestApp.StartAsync();

        var health = await HealthAsync(app);

        Assert.Equal((200, "healthy"), (health.Status, health.Text("status")));
        Assert.Equal("Sqlite", health.Body.GetProperty("store").GetProperty("name").GetString());
        Assert.True(health.Body.GetProperty("store").GetProperty("reachable").GetBoolean());
        Assert.Equal(0, health.Body.GetProperty("queues").GetProperty("bot-replies").GetProperty("deadLettered").GetInt64());
        Assert.True(health.Body.GetProperty("store").GetProperty("writable").GetBoolean());
        Assert.Empty(Reasons(health));
        Assert.Equal(JsonValueKind.Null, health.Body.GetProperty("lastExpiryRun").ValueKind);
        Assert.False(health.Body.GetProperty("expiryOverdue").GetBoolean());
        Assert.Equal(0, health.Body.GetProperty("disabled").GetArrayLength());
    }

    [Fact]
    public async Task An_app_whose_runs_stopped_is_degraded_until_one_succeeds()
    {
        await using var app = await TestApp.StartAsync();
        app.Clock.Advance(TimeSpan.FromDays(3));
        var stopped = await HealthAsync(app);
        Assert.Equal("degraded", stopped.Text("status"));
        Assert.Contains("No run of the expiry job has succeeded", Assert.Single(Reasons(stopped)), StringComparison.Ordinal);

        await app.ExpireAsync(dryRun: true);
        await app.ExpireAsync(olderThan: TimeSpan.FromDays(7));
        Assert.Equal("degraded", (await HealthAsync(app)).Text("status"));

        await app.ExpireAsync();
        var health = await HealthAsync(app);
        Assert.Equal((200, "healthy"), (health.Status, health.Text("status")));
        Assert.Equal("succeeded", health.Body.GetProperty("lastExpiryRun").GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task A_run_of_a_clock_that_was_ahead_is_not_the_last_one()
    {
        await using var app = await TestApp.StartAsync();
        var real = await app.ExpireAsync();
        app.Clock.Advance(TimeSpan.FromDays(10));
        await app.ExpireAsync();
        app.Clock.Advance(TimeSpan.FromDays(-10));
        var last = (await HealthAsync(app)).Body.GetProperty("lastExpiryRun").GetProperty("id").GetGuid();
        app.Clock.Advance(TimeSpan.FromDays(3));

        Assert.Equal((real.Id, "degraded"), (last, (await HealthAsync(app)).Text("status")));
    }

    [Fact]
    public async Task Why_a_run_failed_is_not_told_to_everybody()
    {
        await using var app = await TestApp.StartAsync(
            store: inner => new DisturbedStore(inner, afterStep: () => throw new InvalidDataException("at 10.0.0.1")));
        await app.PostAsync("ann", "old");
        await Assert.ThrowsAsync<InvalidDataException>(() => app.ExpireAsync(olderThan: TimeSpan.Zero));

        var health = await HealthAsync(app);

        var run = health.Body.GetProperty("lastExpiryRun");
        Assert.Equal("failed", run.GetProperty("outcome").GetString());
        Assert.False(run.TryGetProperty("error", out _));
        Assert.Equal("degraded", health.Text("status"));
        Assert.StartsWith("The newest run of the expiry job failed.", Assert.Single(Reasons(health)), StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.1", health.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_failed_counts_until_one_deletes_again()
    {
        var fail = true;
        await using var app = await TestApp.StartAsync(
            store: inner => new DisturbedStore(inner, beforeStep: () => _ = fail ? throw new InvalidDataException("x") : 0));
        await app.PostAsync("ann", "old");
        app.Clock.Advance(TimeSpan.FromHours(25));
        await Assert.ThrowsAsync<InvalidDataException>(() => app.ExpireAsync());

        fail = false;
        await app.ExpireAsync(dryRun: true);
        Assert.Equal("degraded", (await HealthAsync(app)).Text("status"));

        await app.ExpireAsync();
        Assert.Equal("healthy", (await HealthAsync(app)).Text("status"));
    }

    [Fact]
    public async Task A_scheduled_run_that_did_not_come_is_told_after_its_grace()
    {
        await using var app = await TestApp.StartAsync();
        app.Clock.Now = new DateTimeOffset(2026, 1, 16, 3, 0, 50, TimeSpan.Zero);
        Assert.Equal("healthy", (await HealthAsync(app)).Text("status"));

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var late = await HealthAsync(app);
        Assert.Equal("degraded", late.Text("status"));
        Assert.Equal(["The run of the expiry job at 2026-01-16T03:00:00Z did not come."], Reasons(late));

        await app.ExpireAsync();
        Assert.Equal("healthy", (await HealthAsync(app)).Text("status"));
    }

    [Fact]
    public async Task A_run_in_the_future_is_not_the_last()
    {
        await using var app = await TestApp.StartAsync();
        app.Clock.Advance(TimeSpan.FromDays(30));
        await app.ExpireAsync();

        app.Clock.Advance(TimeSpan.FromDays(-28));
        var health = await HealthAsync(app);

        Assert.Equal(("degraded", JsonValueKind.Null), (health.Text("status"), health.Body.GetProperty("lastExpiryRun").ValueKind));
    }

    [Fact]
    public async Task An_app_whose_timer_has_no_schedule_is_unhealthy()
    {
        await using var app = await TestApp.StartAsync(configure: builder => builder.Services.AddSingleton<TimerLeftOut>());

        var health = await HealthAsync(app);

        Assert.Equal((503, "unhealthy"), (health.Status, health.Text("status")));
        Assert.StartsWith("CommentExpirySchedule is not set", Assert.Single(Reasons(health)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_that_gave_up_on_messages_is_degraded()
    {
        await using var app = await TestApp.StartAsync();
        app.Queues.Depth = new(0, 0, 1, TimeSpan.Zero);

        var health = await HealthAsync(app);

        Assert.Equal((200, "degraded"), (health.Status, health.Text("status")));
    }

    [Theory]
    [InlineData("AzureWebJobs.AnswerBotMessage.Disabled", "AnswerBotMessage", "degraded")]
    [InlineData("AzureWebJobs_DeleteExpiredComments_Disabled", "DeleteExpiredComments", "degraded")]
    [InlineData("AzureWebJobs:DeliverBotReply:Disabled", "DeliverBotReply", "degraded")]
    [InlineData("AzureWebJobs.PostComment.Disabled", "PostComment", "healthy")]
    public async Task A_function_that_is_switched_off_is_named(string setting, string function, string status)
    {
        await using var app = await TestApp.StartAsync(new() { [setting] = "true" });

        var health = await HealthAsync(app);

        Assert.Equal((200, status), (health.Status, health.Text("status")));
        Assert.Equal([function], health.Body.GetProperty("disabled").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task Queues_that_cannot_be_counted_are_null()
    {
        await using var app = await TestApp.StartAsync();
        app.Queues.Depth = null;
        Assert.Equal(JsonValueKind.Null, (await HealthAsync(app)).Body.GetProperty("queues").GetProperty("bot-messages").ValueKind);

        Assert.Equal("healthy", (await HealthAsync(app)).Text("status"));
    }

    [Fact]
    public async Task Queues_that_cannot_be_asked_make_it_degraded_and_say_only_what_is_for_everybody()
    {
        await using var app = await TestApp.StartAsync();

        app.Queues.Failure = new QueueUnavailableException("the setting ServiceBus is missing", new InvalidOperationException("at ns.example"));
        var known = await HealthAsync(app);
        app.Queues.Failure = new InvalidOperationException("at ns.example");
        var unknown = await HealthAsync(app);

        Assert.Equal((200, "degraded"), (known.Status, known.Text("status")));
        Assert.Equal(JsonValueKind.Null, known.Body.GetProperty("queues").GetProperty("bot-messages").ValueKind);
        Assert.Equal(QueueNames.All.Count, Reasons(known).Count);
        Assert.Contains("Of the queue bot-messages: the setting ServiceBus is missing.", Reasons(known)[0], StringComparison.Ordinal);
        Assert.Equal("degraded", unknown.Text("status"));
        Assert.Contains("the log of the app says how", Reasons(unknown)[0], StringComparison.Ordinal);
        Assert.DoesNotContain("ns.example", unknown.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_hangs_is_asked_once_and_holds_no_answer_up()
    {
        await using var app = await TestApp.StartAsync();
        var hang = new TaskCompletionSource();
        app.Queues.Ready = hang.Task;

        var answers = await Task.WhenAll(HealthAsync(app), HealthAsync(app), HealthAsync(app));
        var later = await HealthAsync(app);

        Assert.All(answers.Append(later), health => Assert.Equal("degraded", health.Text("status")));
        Assert.Contains("did not answer within 3 s", Reasons(later)[0], StringComparison.Ordinal);
        Assert.True(later.Body.GetProperty("store").GetProperty("writable").GetBoolean());
        Assert.Equal(QueueNames.All.Count, app.Queues.Asked);

        hang.SetResult();
        await AppClient.EventuallyAsync(async () => (await HealthAsync(app)).Text("status") == "healthy", "well again");
    }

    [Fact]
    public async Task A_part_that_hangs_is_told_with_the_cause_that_it_gave_before()
    {
        await using var app = await TestApp.StartAsync();
        app.Queues.Failure = new QueueUnavailableException("the setting ServiceBus is missing", new InvalidOperationException("at ns.example"));
        await HealthAsync(app);
        var hang = new TaskCompletionSource();
        app.Queues.Ready = hang.Task;

        var health = await HealthAsync(app);
        hang.SetResult();

        Assert.Contains("it did not answer within 3 s; before that: the setting ServiceBus is missing.", Reasons(health)[0], StringComparison.Ordinal);
        Assert.DoesNotContain("ns.example", health.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_another_program_holds_is_named_while_a_write_waits_for_it()
    {
        await using var app = await TestApp.StartAsync();
        await using var other = new SqliteConnection($"Data Source={app.DatabaseFile}");
        await other.OpenAsync();
        await using var held = await other.BeginTransactionAsync();
        var post = app.PostAsync("ann", "hers");
        // For the post to come first.
        await Task.Delay(500);

        var health = await HealthAsync(app);
        await held.RollbackAsync();
        await post;

        Assert.Equal((503, "unhealthy"), (health.Status, health.Text("status")));
        Assert.Contains("another program holds its file", Assert.Single(Reasons(health)), StringComparison.Ordinal);
        Assert.Equal("healthy", (await HealthAsync(app)).Text("status"));
    }

    [Fact]
    public async Task Trouble_is_logged_when_it_begins_and_when_it_ends()
    {
        using var log = new LogLines(typeof(HealthReporter).FullName!);
        await using var app = await TestApp.StartAsync(log: log);
        app.Queues.Failure = new InvalidOperationException("at ns.example");
        for (var i = 0; i < 5; i++)
        {
            await HealthAsync(app);
        }

        app.Queues.Failure = null;
        await HealthAsync(app);

        Assert.Equal(2 * QueueNames.All.Count, log.Lines.Count);
        Assert.Equal("Health check of bot-messages: it failed; the log of the app says how.", log.Lines.Order(StringComparer.Ordinal).First());
    }

    [Fact]
    public async Task An_app_without_its_store_is_unhealthy()
    {
        await using var app = await TestApp.StartAsync();
        await app.WithAsync<CommentDbContext>(db => db.Database.ExecuteSqlRawAsync("DROP TABLE ExpiryRuns"));

        var health = await HealthAsync(app);

        Assert.Equal((503, "unhealthy"), (health.Status, health.Text("status")));
        Assert.False(health.Body.GetProperty("store").GetProperty("reachable").GetBoolean());
    }

    [Theory]
    [InlineData("DROP TABLE Comments")]
    [InlineData("DROP TABLE DeliveredReplies")]
    public async Task An_app_that_lacks_a_table_is_unhealthy(string loss)
    {
        await using var app = await TestApp.StartAsync();
        await app.WithAsync<CommentDbContext>(db => db.Database.ExecuteSqlRawAsync(loss));

        var health = await HealthAsync(app);

        Assert.Equal((503, "unhealthy"), (health.Status, health.Text("status")));
        Assert.Contains("it lacks a table or a column of the app", Assert.Single(Reasons(health)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_look_leaves_nothing_behind()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "hers");
        var before = await ContentAsync(app);

        await HealthAsync(app);
        await HealthAsync(app);

        Assert.Equal(before, await ContentAsync(app));
    }

    // A version that no write has changed, and the tables.
    private static Task<string> ContentAsync(TestApp app) => app.WithAsync<CommentDbContext, string>(async db =>
        string.Join(' ', await db.Database.SqlQueryRaw<string>(
            "SELECT name AS Value FROM sqlite_schema UNION ALL SELECT CAST(page_count AS TEXT) FROM pragma_page_count() "
            + "UNION ALL SELECT CAST(schema_version AS TEXT) FROM pragma_schema_version()").ToListAsync()));

    private static List<string> Reasons(HttpAnswer health) => [.. health.Body.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()!)];

    private static Task<HttpAnswer> HealthAsync(TestApp app) =>
        app.SendAsync<GetHealth>(HttpCalls.Get("/api/health"), (function, request) => function.RunAsync(request, default));
}

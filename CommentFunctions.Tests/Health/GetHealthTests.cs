using System.Text.Json;
using CommentFunctions.Comments;
using CommentFunctions.Health;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

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
        Assert.Equal(JsonValueKind.Null, health.Body.GetProperty("lastExpiryRun").ValueKind);
        Assert.False(health.Body.GetProperty("expiryOverdue").GetBoolean());
        Assert.Equal(0, health.Body.GetProperty("disabled").GetArrayLength());
    }

    [Fact]
    public async Task An_app_whose_runs_stopped_is_degraded_until_one_succeeds()
    {
        await using var app = await TestApp.StartAsync();
        app.Clock.Advance(TimeSpan.FromDays(3));
        Assert.Equal("degraded", (await HealthAsync(app)).Text("status"));

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

        var run = (await HealthAsync(app)).Body.GetProperty("lastExpiryRun");

        Assert.Equal("failed", run.GetProperty("outcome").GetString());
        Assert.False(run.TryGetProperty("error", out _));
    }

    [Fact]
    public async Task An_app_that_gave_up_on_messages_is_degraded()
    {
        await using var app = await TestApp.StartAsync();
        app.Queues.Depth = new(0, 0, 1);

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

        app.Queues.Failure = new InvalidOperationException();
        Assert.Equal("healthy", (await HealthAsync(app)).Text("status"));
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

    private static Task<HttpAnswer> HealthAsync(TestApp app) =>
        app.SendAsync<GetHealth>(HttpCalls.Get("/api/health"), (function, request) => function.RunAsync(request, default));
}

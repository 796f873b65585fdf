using System.Net;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Expiry;

public class ExpiryRunsApiTests
{
    [Fact]
    public async Task A_run_on_demand_answers_with_what_it_deleted()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "old");
        app.Clock.Advance(TimeSpan.FromMinutes(30));

        var answer = await RunAsync(app, "?olderThan=00:30:00&code=key");

        Assert.Equal(200, answer.Status);
        Assert.Equal(("address 203.0.113.7", "succeeded", "00:30:00"), (answer.Text("triggeredBy"), answer.Text("outcome"), answer.Text("olderThan")));
        Assert.Equal(1, answer.Body.GetProperty("deleted").GetInt64());
        Assert.Equal(app.Clock.Now.AddMinutes(-30), answer.Body.GetProperty("cutoff").GetDateTimeOffset());
        Assert.False(answer.Body.TryGetProperty("wouldDelete", out _));
        Assert.True(answer.Body.TryGetProperty("duration", out _));
    }

    [Fact]
    public async Task A_dry_run_on_demand_answers_with_what_it_would_delete()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "old");

        var answer = await RunAsync(app, "?olderThan=00:00:00&dryRun=true");

        Assert.Equal(1, answer.Body.GetProperty("wouldDelete").GetInt64());
        Assert.False(answer.Body.TryGetProperty("deleted", out _));
        Assert.Equal(1, await app.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync()));
    }

    [Theory]
    [InlineData("?olderThan=-00:00:01", "[d.]hh:mm:ss")]
    [InlineData("?olderThan=24:00:00", "[d.]hh:mm:ss")]
    [InlineData("?olderThan=6", "[d.]hh:mm:ss")]
    [InlineData("?olderThan=", "[d.]hh:mm:ss")]
    [InlineData("?olderThan=3650.00:00:00.001", "to 3650.00:00:00")]
    [InlineData("?olderThan=99999999.00:00:00", "to 3650.00:00:00")]
    [InlineData("?olderThan=00:00:01&olderThan=00:00:02", "once")]
    [InlineData("?dryRun=yes", "true nor false")]
    [InlineData("?dryRun=", "true nor false")]
    [InlineData("?dryrunn=true", "Allowed: olderThan, dryRun")]
    public async Task What_is_not_allowed_is_refused_with_what_is_and_deletes_nothing(string query, string allowed)
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "old");
        app.Clock.Advance(TimeSpan.FromDays(2));

        var answer = await RunAsync(app, query);

        Assert.Contains(allowed, answer.Problem(400), StringComparison.Ordinal);
        Assert.Equal(1, await app.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync()));
        Assert.Equal(0, await app.WithAsync<CommentDbContext, int>(db => db.ExpiryRuns.CountAsync()));
    }

    [Fact]
    public async Task Runs_are_listed_newest_first()
    {
        await using var app = await TestApp.StartAsync();
        await RunAsync(app, "?olderThan=00:00:01");
        await RunAsync(app, "?dryRun=true");
        await RunAsync(app, "");

        var runs = (await ListAsync(app, "?limit=2")).Body.GetProperty("runs").EnumerateArray().ToList();

        Assert.Equal([false, true], runs.Select(r => r.GetProperty("dryRun").GetBoolean()));
    }

    [Fact]
    public async Task A_run_that_has_no_end_and_shows_no_sign_of_life_is_shown_as_interrupted()
    {
        await using var app = await TestApp.StartAsync();
        await app.WithAsync<CommentDbContext>(async db =>
        {
            db.ExpiryRuns.Add(new()
            {
                Id = Guid.CreateVersion7(),
                TriggeredBy = ExpiryRequest.Timer,
                StartedAt = app.Clock.Now,
                Cutoff = app.Clock.Now,
                OlderThan = null,
                DryRun = false,
            });
            await db.SaveChangesAsync();
        });

        app.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("running", await OutcomeAsync(app));

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("interrupted", await OutcomeAsync(app));
    }

    private static async Task<string?> OutcomeAsync(TestApp app) =>
        (await ListAsync(app, "")).Body.GetProperty("runs")[0].GetProperty("outcome").GetString();

    private static Task<HttpAnswer> RunAsync(TestApp app, string query)
    {
        var request = HttpCalls.Post("/api/expiry-runs" + query);
        request.HttpContext.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:203.0.113.7");
        return app.SendAsync<ExpiryRunsApi>(request, (api, request) => api.StartAsync(request, default));
    }

    private static Task<HttpAnswer> ListAsync(TestApp app, string query) => app.SendAsync<ExpiryRunsApi>(
        HttpCalls.Get("/api/expiry-runs" + query), (api, request) => api.ListAsync(request, default));
}

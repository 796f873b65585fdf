using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Expiry;

/// <summary>Runs that an operator asks for, each an invocation of its own.</summary>
public sealed class OperatorRunsTests
{
    [Fact]
    public async Task A_run_goes_on_when_its_caller_hangs_up()
    {
        using var caller = new CancellationTokenSource();
        using var held = new SemaphoreSlim(0);
        await using var app = await TestApp.StartAsync(store: inner => new DisturbedStore(inner, afterStep: () =>
        {
            caller.Cancel();
            held.Wait(TimeSpan.FromSeconds(60));
        }));
        await app.PostAsync("ann", "old");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => app.WithAsync<ExpiryRunsApi>(
            api => api.StartAsync(HttpCalls.Post("/api/expiry-runs?olderThan=00:00:00"), caller.Token)));
        held.Release();

        var run = await EndAsync(app);
        Assert.Equal((RunOutcome.Succeeded, 1), (run.Outcome, run.Deleted));
    }

    [Fact]
    public async Task What_takes_longer_than_200_seconds_is_answered_202_with_the_address_that_tells_its_progress()
    {
        using var held = new SemaphoreSlim(0);
        using var deleting = new SemaphoreSlim(0);
        await using var app = await TestApp.StartAsync(store: inner => new DisturbedStore(inner, afterStep: () =>
        {
            deleting.Release();
            held.Wait(TimeSpan.FromSeconds(60));
        }));
        await app.PostAsync("ann", "old");

        var asking = Task.Run(() => PostAsync(app));
        await deleting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(asking.IsCompleted);
        app.Clock.Waited = TimeSpan.FromSeconds(200);
        var answer = await asking;
        var address = answer.Location!;
        var under = await GetAsync(app, address.Split('/')[^1]);
        held.Release();
        await EndAsync(app);
        var after = await GetAsync(app, address.Split('/')[^1]);

        Assert.Equal((202, $"/api/expiry-runs/{answer.Text("id")}"), (answer.Status, address));
        Assert.Equal(("running", 1, "succeeded", 1), (
            under.Text("outcome"), under.Body.GetProperty("deleted").GetInt64(), after.Text("outcome"), after.Body.GetProperty("deleted").GetInt64()));
    }

    [Theory]
    [InlineData("00000000-0000-7000-8000-000000000000")]
    [InlineData("newest")]
    public async Task An_unknown_run_is_a_404_that_says_where_runs_are(string id)
    {
        await using var app = await TestApp.StartAsync();

        Assert.Contains("GET expiry-runs lists them", (await GetAsync(app, id)).Problem(404), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_queue_does_not_take_it_the_caller_is_told_and_nothing_runs()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "old");
        app.Sent.Failure = new InvalidOperationException("No queue can be reached.");

        Assert.Contains("expiry-runs", (await PostAsync(app)).Problem(503), StringComparison.Ordinal);

        var run = await EndAsync(app);
        Assert.Equal((RunOutcome.Failed, "The queue did not take it.", 0), (run.Outcome, run.Error, run.Deleted));
        Assert.Equal(1, await app.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync()));
    }

    [Fact]
    public async Task A_message_that_is_delivered_again_starts_nothing()
    {
        await using var app = await TestApp.StartAsync();
        Assert.Equal(200, (await PostAsync(app)).Status);
        var message = BotMessages.Received(Assert.Single(app.Sent.To(QueueNames.ExpiryRuns)));
        await app.PostAsync("ann", "later");
        app.Clock.Advance(TimeSpan.FromDays(2));

        await app.StartRunAsync(message);

        Assert.Equal(0, (await EndAsync(app)).Deleted);
        Assert.Equal(1, await app.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync()));
    }

    [Fact]
    public async Task A_run_deletes_what_had_expired_when_it_was_asked_for_however_long_it_waits()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "old");
        var arrived = new TaskCompletionSource<Azure.Messaging.ServiceBus.ServiceBusMessage>();
        app.Sent.Arrived = (_, message) => arrived.TrySetResult(message);

        var asking = Task.Run(() => PostAsync(app));
        var message = await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal("waiting", (await GetAsync(app, message.MessageId)).Text("outcome"));
        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.PostAsync("ann", "new");
        await app.StartRunAsync(BotMessages.Received(message));

        Assert.Equal((200, 1), ((await asking).Status, (await asking).Body.GetProperty("deleted").GetInt64()));
        Assert.Equal((app.Clock.Now, app.Clock.Now.AddHours(-1)), ((await EndAsync(app)).StartedAt, (await EndAsync(app)).Cutoff));
    }

    [Fact]
    public async Task A_message_that_names_no_run_is_dead_lettered()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal("MalformedMessage", (await app.StartRunAsync(BotMessages.Received("no JSON")))?.Reason);
    }

    private static Task<HttpAnswer> PostAsync(TestApp app) => app.SendAsync<ExpiryRunsApi>(
        HttpCalls.Post("/api/expiry-runs?olderThan=00:00:00"), (api, request) => api.StartAsync(request, default));

    private static Task<HttpAnswer> GetAsync(TestApp app, string id) => app.SendAsync<ExpiryRunsApi>(
        HttpCalls.Get($"/api/expiry-runs/{id}"), (api, request) => api.GetAsync(request, id, default));

    private static async Task<ExpiryRun> EndAsync(TestApp app)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var run = await app.WithAsync<CommentDbContext, ExpiryRun>(db => db.ExpiryRuns.AsNoTracking().SingleAsync());
            if (!run.IsOpen)
            {
                return run;
            }

            await Task.Delay(20, giveUp.Token);
        }
    }
}

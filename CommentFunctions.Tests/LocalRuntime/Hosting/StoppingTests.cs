using System.Net.Http.Json;
using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.LocalRuntime.Hosting;

/// <summary>Stopping waits for the functions that run, for a time; only then are their tokens cancelled.</summary>
public sealed class StoppingTests
{
    private static readonly Dictionary<string, string> Patient = new() { ["Schedule"] = "0 0 3 * * *", ["LocalRuntime:ShutdownTimeout"] = "00:10:00" };

    [Theory]
    [InlineData("Http")]
    [InlineData("Queue")]
    [InlineData("Timer")]
    [InlineData("Http", true)]
    [InlineData("Queue", true)]
    [InlineData("Timer", true)]
    public async Task A_function_that_runs_may_finish_however_it_was_started(string function, bool byHand = false)
    {
        var (app, answer) = await StartAsync(function, byHand, Patient);
        await using (app)
        {
            var stop = app.StopAsync();
            await Wait.UntilAsync("the app no longer takes requests", async () => !await AnswersAsync(app));
            Assert.False(stop.IsCompleted);
            Assert.Equal(1, app.Probe.Inside);

            app.Probe.Open();
            await Wait.ForAsync(stop);

            Assert.Equal([$"{function} finished"], app.Probe.Notes);
            (await answer).EnsureSuccessStatusCode();
            Assert.Equal(new(0, 0, 0), await app.Queues.CountAsync("queue"));
        }
    }

    [Theory]
    [InlineData("Http")]
    [InlineData("Queue")]
    [InlineData("Timer")]
    [InlineData("Timer", true)]
    public async Task A_function_that_takes_too_long_is_cancelled_and_a_queue_keeps_its_message(string function, bool byHand = false)
    {
        var (app, answer) = await StartAsync(function, byHand, new(Patient) { ["LocalRuntime:ShutdownTimeout"] = "00:00:00.2" });
        await using (app)
        {
            await Wait.ForAsync(app.StopAsync());

            Assert.Equal([$"{function} cancelled"], app.Probe.Notes);
            Assert.Equal(new(function == "Queue" ? 1 : 0, 0, 0), await app.Queues.CountAsync("queue"));
            await Record.ExceptionAsync(() => answer);
        }
    }

    [Fact]
    public async Task A_message_that_was_received_while_the_app_was_told_to_stop_is_finished_too()
    {
        await using var app = await LocalApp.StartAsync([typeof(Slow)], Patient);
        using var hold = new ManualResetEventSlim();
        var holding = app.Services.GetRequiredService<RuntimeFile>().RunAsync(_ => hold.Wait(Wait.Limit));
        var sent = app.SendAsync("queue", "one");
        // The listener asks for messages, and waits for the answer behind the send.
        app.Queues.Wake("queue");
        await Task.Delay(100);

        var stop = app.StopAsync();
        hold.Set();
        await holding;
        await sent;
        // Where the listener had not come to ask in time there is nothing to finish.
        await Task.WhenAny(stop, app.Probe.UntilInsideAsync(1));
        if (app.Probe.Inside == 1)
        {
            Assert.False(stop.IsCompleted);
            app.Probe.Open();
            await Wait.ForAsync(stop);
            Assert.Equal(["Queue finished"], app.Probe.Notes);
        }
    }

    [Fact]
    public async Task Nothing_but_LocalRuntime_ShutdownTimeout_limits_the_waiting()
    {
        await using var app = await LocalApp.StartAsync([typeof(Slow)], Patient);

        var web = app.Services.GetRequiredService<IOptions<Microsoft.Extensions.Hosting.HostOptions>>().Value;

        Assert.Equal(Timeout.InfiniteTimeSpan, web.ShutdownTimeout);
    }

    [Fact]
    public async Task An_idle_app_stops_at_once()
    {
        await using var app = await LocalApp.StartAsync([typeof(Slow)], Patient);
        // A connection that is kept alive is no reason to wait.
        await app.Http.GetAsync("api/nothing");

        await Wait.ForAsync(app.StopAsync());
    }

    private static async Task<(LocalApp App, Task<HttpResponseMessage> Answer)> StartAsync(string function, bool byHand, Dictionary<string, string> settings)
    {
        var clock = new SteppedTimeProvider(new(2026, 3, 11, 2, 59, 59, TimeSpan.Zero));
        var app = await LocalApp.StartAsync([typeof(Slow)], settings, clock: clock);
        var answer = Task.FromResult(new HttpResponseMessage());
        if (byHand)
        {
            answer = app.Http.PostAsJsonAsync($"admin/functions/{function}", new { });
        }
        else if (function == "Http")
        {
            answer = app.Http.GetAsync("api/Http");
        }
        else if (function == "Queue")
        {
            await app.SendAsync("queue", "one");
        }
        else
        {
            // The timer's and the queue listener's.
            await Wait.UntilAsync("the timer waits", () => clock.Armed == 2);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        await app.Probe.UntilInsideAsync(1);
        return (app, answer);
    }

    private static async Task<bool> AnswersAsync(LocalApp app)
    {
        try
        {
            using var http = new HttpClient { BaseAddress = app.Http.BaseAddress };
            await http.GetAsync("admin/functions");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private sealed class Slow(Probe probe)
    {
        [Function("Http")]
        public async Task<IResult> HttpAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, CancellationToken cancellationToken)
        {
            await WorkAsync("Http", cancellationToken);
            return Results.Ok();
        }

        [Function("Queue")]
        public Task QueueAsync([ServiceBusTrigger("queue")] string body, CancellationToken cancellationToken) => WorkAsync("Queue", cancellationToken);

        [Function("Timer")]
        public Task TimerAsync([TimerTrigger("%Schedule%")] TimerInfo timer, CancellationToken cancellationToken) => WorkAsync("Timer", cancellationToken);

        private async Task WorkAsync(string name, CancellationToken cancellationToken)
        {
            try
            {
                await probe.PassAsync(cancellationToken);
                probe.Note($"{name} finished");
            }
            catch (OperationCanceledException)
            {
                probe.Note($"{name} cancelled");
                throw;
            }
        }
    }
}

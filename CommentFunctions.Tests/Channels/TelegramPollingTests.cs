using System.Diagnostics;
using System.Text.Json.Nodes;
using CommentFunctions.Channels.Telegram;
using CommentFunctions.Health;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Channels;

public sealed class TelegramPollingTests() : PollingTests<TelegramStandIn, TelegramPolling>("telegram", "Telegram", TelegramStandIn.Token)
{
    protected override Dictionary<string, string?> PollingSettings => Service.PollingSettings;

    [Fact]
    public async Task Messages_come_in_by_a_token_alone_and_are_confirmed_once()
    {
        Service.Keep(Updates(1, 150));
        await using var app = await StartAsync();
        await TakenAsync(app, 150);
        Service.Keep(Updates(151, 151));
        await TakenAsync(app, 151);
        await Wait.UntilAsync("the last one is confirmed", () => Service.Unconfirmed == 0);

        Assert.Equal(Ids(151), app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.Equal("""{"limit":100,"timeout":30,"allowed_updates":["message"]}""", Service.Polls[0]);
        Assert.Equal(["101", "151", "152"], Service.Polls.Select(body => JsonNode.Parse(body)!["offset"]?.ToString()).OfType<string>());
        Assert.Single(Log.Lines);
        Assert.Empty(Told(Log));
        Assert.DoesNotContain(Silent, await ReasonsAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_message_or_cannot_be_read_keeps_nothing_back()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 500)) + string.Concat(Enumerable.Repeat("]", 500));
        Service.Keep(
            TelegramStandIn.Update(1, "ann"),
            """{"update_id": 2, "poll_answer": {"poll_id": "1"}}""",
            """{"update_id": 3, "message": {"message_id": 1, "text": "ann"}}""",
            """{"update_id": 4, "message": {"message_id": 1, "chat": "no chat"}}""",
            TelegramStandIn.Update(5, "ann").Replace("\"text\":", $"\"rich\":{deep},\"text\":", StringComparison.Ordinal),
            TelegramStandIn.Update(6, $"@{TelegramStandIn.BotName} ann"));
        await using var app = await StartAsync();
        await Wait.UntilAsync("all are confirmed", () => Service.Unconfirmed == 0);

        Assert.Equal(["telegram:1", "telegram:5", "telegram:6"], app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.Equal(["The update 3 of Telegram cannot be read and is left out.", "The update 4 of Telegram cannot be read and is left out."], Told(Log));
    }

    [Fact]
    public async Task A_batch_that_is_too_large_to_be_read_comes_in_parts()
    {
        var large = new string('x', 600_000);
        Service.Keep(Enumerable.Range(1, 4).Select(id => TelegramStandIn.Update(id, large)));
        await using var app = await StartAsync();

        await TakenAsync(app, 4);
        Assert.Equal(Ids(4), app.Sent.To(QueueNames.Messages).Select(message => message.MessageId).Distinct());
    }

    [Fact]
    public async Task Nothing_is_confirmed_that_the_queue_did_not_take()
    {
        await using var app = await StartAsync();
        app.Sent.Failure = new IOException("The disk is full.");
        Service.Keep(Updates(1, 120));
        await Wait.UntilAsync("Telegram is polled again", () => Service.Polls.Count >= 4);

        Assert.DoesNotContain(Service.Polls, body => body.Contains("offset", StringComparison.Ordinal));
        Assert.Equal(120, Service.Unconfirmed);
        Assert.Contains(Silent, await ReasonsAsync(app), StringComparison.Ordinal);

        app.Sent.Failure = null;
        await TakenAsync(app, 120);
        await Wait.UntilAsync("all are confirmed", () => Service.Unconfirmed == 0);
        Assert.Equal(Ids(120), app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.Equal(2, Told(Log).Count);
        Assert.StartsWith("The queue does not take what comes in from Telegram.", Told(Log)[0], StringComparison.Ordinal);
        Assert.Equal(Again, Told(Log)[1]);
        Assert.DoesNotContain(Silent, await ReasonsAsync(app), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, """{"ok":false,"error_code":401,"description":"Unauthorized"}""", "telegram answered 401: Unauthorized. ")]
    [InlineData(404, """{"ok":false,"error_code":404,"description":"Not Found"}""", "telegram answered 404: Not Found. ")]
    [InlineData(400, """{"ok":false,"error_code":400,"description":"no such bot: 123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"}""", "telegram answered 400: no such bot: ***. ")]
    [InlineData(502, "<html>nginx</html>", "telegram answered 502. ")]
    [InlineData(200, "<html>Sign in to this network</html>", "telegram answered 200 with something else than what was asked for. ")]
    [InlineData(200, """{"ok":true,"result":[{"message":{}}]}""", "telegram answered 200 with something else than what was asked for. ")]
    public async Task A_failure_is_told_once_until_it_is_over(int status, string body, string why)
    {
        var troubles = 3;
        Service.PollRefusal = () => Interlocked.Decrement(ref troubles) >= 0 ? (status, body) : null;
        Service.Keep(Updates(1, 1));
        await using var app = await StartAsync();

        await TakenAsync(app, 1);
        await Wait.UntilAsync("it is over", () => Told(Log).Any(line => line == Again));
        Assert.Equal(2, Told(Log).Count);
        Assert.StartsWith("No messages come in from Telegram: " + why, Told(Log)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Telegram_that_cannot_be_reached_is_told_once_and_by_health()
    {
        await using var app = await StartAsync(settings: new() { ["Channels:Telegram:ApiAddress"] = "http://127.0.0.1:1" });
        await Wait.UntilAsync("it is told", () => Told(Log).Count > 0);

        Assert.StartsWith("No messages come in from Telegram: The call of telegram failed: ConnectionError.", Assert.Single(Told(Log)), StringComparison.Ordinal);
        Assert.Contains(Silent, await ReasonsAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Telegram_is_left_alone_for_as_long_as_it_asks()
    {
        var refusals = 1;
        Service.PollRefusal = () => Interlocked.Decrement(ref refusals) >= 0
            ? (429, """{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 3","parameters":{"retry_after":3}}""")
            : null;
        Service.Keep(Updates(1, 1));
        var watch = Stopwatch.StartNew();
        await using var app = await StartAsync();

        await TakenAsync(app, 1);
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(2.9), $"It was asked after {watch.Elapsed}.");
    }

    [Fact]
    public async Task Two_that_poll_say_so_once_each_and_nothing_is_lost()
    {
        var others = new LogLines(typeof(TelegramPolling).FullName);
        await using var app = await StartAsync();
        await using var other = await StartAsync(log: others);
        // Each is cut off again after it got through.
        await Wait.UntilAsync("they cut one another off", () => Told(Log).Count > 0 && Told(others).Count > 0 && Service.Polls.Count >= 6);
        Service.Keep(Updates(1, 20));
        await Wait.UntilAsync("all are confirmed", () => Service.Unconfirmed == 0);

        Assert.Equal(
            Ids(20).Order(StringComparer.Ordinal),
            new[] { app, other }.SelectMany(a => a.Sent.To(QueueNames.Messages)).Select(message => message.MessageId).Distinct().Order(StringComparer.Ordinal));
        Assert.StartsWith("Somebody else polls Telegram for this bot's messages, and only one can: telegram answered 409: Conflict: terminated", Assert.Single(Told(Log)), StringComparison.Ordinal);
        Assert.Single(Told(others));
        Assert.Contains(Silent, await ReasonsAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_asked_of_a_bot_that_has_a_webhook_until_it_is_removed()
    {
        Service.Keep(Updates(1, 1));
        await using (var before = await TestApp.StartAsync(Service.Settings))
        {
            await before.SendAsync<TelegramRegistrationApi>(
                HttpCalls.Post("/api/channels/telegram/webhook?url=https://example.org/api/channels/telegram"), (f, r) => f.SetAsync(r, default));
        }

        await using var app = await StartAsync();
        await Wait.UntilAsync("it is asked for a webhook again", () => Service.Calls.Count(call => call.Line.EndsWith("/getWebhookInfo", StringComparison.Ordinal)) >= 3);
        Assert.Contains("-- run RemoveTelegramWebhook.", Assert.Single(Told(Log)), StringComparison.Ordinal);
        Assert.Empty(Service.Polls);

        var answer = await app.SendAsync<TelegramRegistrationApi>(HttpCalls.Delete("/"), (f, r) => f.RemoveAsync(r, default));
        await TakenAsync(app, 1);
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task An_app_that_polls_sets_no_webhook_and_lets_no_call_of_one_in()
    {
        await using var app = await StartAsync();
        await Wait.UntilAsync("it polls", () => Service.Polls.Count > 0);

        var problem = (await app.SendAsync<TelegramRegistrationApi>(
            HttpCalls.Post("/api/channels/telegram/webhook?url=https://example.org/api/channels/telegram"), (f, r) => f.SetAsync(r, default))).Problem(409);
        Assert.StartsWith("Channels:Telegram:Receive is Polling", problem, StringComparison.Ordinal);
        // Nobody knows a secret that is not set.
        (await app.SendAsync<TelegramWebhook>(
            HttpCalls.Post("/api/channels/telegram", TelegramStandIn.Update(1, "ann")).With("X-Telegram-Bot-Api-Secret-Token", ""), (f, r) => f.RunAsync(r, default))).Problem(401);
    }

    [Fact]
    public async Task A_stop_ends_a_poll_that_waits()
    {
        await using (await StartAsync())
        {
            await Wait.UntilAsync("it polls", () => Service.Polls.Count > 0);
        }

        Assert.Equal(0, Service.EmptyPolls);
    }

    [Fact]
    public async Task A_command_does_not_poll()
    {
        Service.Keep(Updates(1, 1));
        using var folder = new AppFolder();

        var (code, output) = await AppProcess.RunAsync(
            folder, ["run", "GetTelegramWebhook"], [.. Service.PollingSettings.Select(s => (s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value!))]);

        Assert.True(code == 0, output);
        Assert.Equal(["GET", "GET"], Service.Calls.Select(call => call.Line.Split(' ')[0]));
        Assert.Empty(Service.Polls);
    }

    private static IEnumerable<string> Updates(int from, int to) =>
        Enumerable.Range(from, to - from + 1).Select(id => TelegramStandIn.Update(id, $"ann{id}", chat: id));

    private static IEnumerable<string> Ids(int count) => Enumerable.Range(1, count).Select(id => $"telegram:{id}");
}

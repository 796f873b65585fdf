using CommentFunctions.Channels;
using CommentFunctions.Channels.Telegram;
using CommentFunctions.Queues;
using CommentFunctions.Telemetry;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Channels;

/// <summary>What ends an exchange that would go on for ever, on each channel of a service.</summary>
public sealed class ConversationRateLimitTests : ChannelsTests
{
    private const int Most = 15;
    private const long Minute = 1768478400;

    [Fact]
    public async Task Of_one_conversation_so_much_is_answered_of_a_minute_with_one_warning_and_the_rest_is_counted()
    {
        var log = new LogLines(typeof(WebhookIntake).FullName!, LogLevel.Warning);
        await using var app = await TestApp.StartAsync(Telegram.Settings, log: log);
        using var measurements = new Measurements(app);

        for (var i = 0; i < 2 * Most; i++)
        {
            Assert.Equal(200, await PostAsync(app, i, date: Minute + i));
        }

        Assert.Equal(Most, app.Sent.To(QueueNames.Messages).Count);
        Assert.Equal(Enumerable.Repeat("channel=telegram, outcome=braked", Most), measurements.TagsOf(TelemetryNames.BotReplies));
        Assert.Contains("The brake of telegram holds: the conversation of message telegram:15 had more than 15 messages within a minute", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_conversations_and_later_minutes_are_answered()
    {
        await FillAsync();

        Assert.Equal(200, await PostAsync(App, 100, chat: -1009));
        Assert.Equal(200, await PostAsync(App, 101, date: Minute + 60));

        Assert.Equal(["telegram:100", "telegram:101"], App.Sent.To(QueueNames.Messages).Skip(Most).Select(m => m.MessageId));
    }

    /// <summary>What was sent while the app was away comes all at once.</summary>
    [Fact]
    public async Task What_was_sent_over_an_hour_and_comes_at_once_is_answered()
    {
        for (var i = 0; i < 4 * Most; i++)
        {
            await PostAsync(App, i, date: Minute + (i * 60));
        }

        Assert.Equal(4 * Most, App.Sent.To(QueueNames.Messages).Count);
    }

    [Fact]
    public async Task What_the_queue_did_not_take_is_not_rejected_when_it_comes_again()
    {
        App.Sent.Failure = new TimeoutException();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < Most; i++)
            {
                Assert.Equal(503, await PostAsync(App, i));
            }
        }

        App.Sent.Failure = null;
        await FillAsync();

        Assert.Equal(Most, App.Sent.To(QueueNames.Messages).Count);
    }

    [Fact]
    public async Task The_limit_holds_on_every_channel_of_a_service_by_its_setting()
    {
        await using var app = await TestApp.StartAsync(new([.. Channels.WhatsApp.Settings, .. Channels.Signal.Settings, .. Names.Select(name => KeyValuePair.Create(name, (string?)"2"))]));

        var body = WhatsAppStandIn.Event(Enumerable.Range(0, 5).Select(i => WhatsAppStandIn.Text($"wamid.{i}", "ann")));
        await app.SendAsync<CommentFunctions.Channels.WhatsApp.WhatsAppWebhook>(
            HttpCalls.Post("/", body).With("X-Hub-Signature-256", WhatsAppStandIn.Sign(body)), (f, r) => f.RunAsync(r, default));
        for (var i = 0; i < 5; i++)
        {
            await app.SendAsync<CommentFunctions.Channels.Signal.SignalWebhook>(
                HttpCalls.Post($"/?secret={SignalStandIn.Secret}", SignalStandIn.Received(1768478400000 + i, "ann")), (f, r) => f.RunAsync(r, default));
        }

        Assert.Equal(["signal", "signal", "whatsapp", "whatsapp"], app.Sent.To(QueueNames.Messages).Select(m => m.MessageId.Split(':')[0]).Order());
    }

    /// <summary>Two bots that administer a group anonymously cannot be told from people.</summary>
    [Fact]
    public async Task An_exchange_with_a_program_that_looks_like_a_person_has_an_end_in_its_minute()
    {
        // Not the throttle of sending, which waits in real time.
        string[] rates = ["MessagesPerSecond", "MessagesPerSecondPerChat", "MessagesPerMinutePerGroup"];
        await using var app = await TestApp.StartAsync(new([.. Telegram.Settings, .. rates.Select(rate => KeyValuePair.Create($"Channels:Telegram:{rate}", (string?)"10000"))]));
        var done = 0;
        for (var i = 0; i < 100 && Telegram.Count == done; i++)
        {
            await PostAsync(app, i, text: i == 0 ? "ann" : Telegram.Delivered[^1].Text);
            app.Clock.Now += TimeSpan.FromSeconds(4);
            done = await app.ReplyToAllAsync(done);
        }

        Assert.Equal(Most, Telegram.Count);
    }

    [Fact]
    public void What_is_old_is_forgotten()
    {
        var clock = new FakeTimeProvider { Measures = true };
        var limit = new ConversationRateLimit([new("telegram", 1)], clock);
        Assert.Equal(RateLimitResult.Permitted, limit.Acquire("telegram", "1", "a", clock.Now));
        Assert.Equal(RateLimitResult.FirstRejected, limit.Acquire("telegram", "1", "b", clock.Now));
        Assert.Equal(RateLimitResult.Rejected, limit.Acquire("telegram", "1", "c", clock.Now));
        var sentAt = clock.Now;

        clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(RateLimitResult.Rejected, limit.Acquire("telegram", "1", "b", sentAt));

        clock.Now += TimeSpan.FromMinutes(1);
        limit.Acquire("telegram", "2", "x", clock.Now);
        clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(RateLimitResult.Permitted, limit.Acquire("telegram", "1", "b", sentAt));
        Assert.Equal(RateLimitResult.Permitted, limit.Acquire("web", "1", "b", sentAt));
    }

    private static string[] Names => ["Channels:WhatsApp:RepliesPerMinutePerConversation", "Channels:Signal:RepliesPerMinutePerConversation"];

    private async Task FillAsync()
    {
        for (var i = 0; i < Most; i++)
        {
            Assert.Equal(200, await PostAsync(App, i));
        }
    }

    private static async Task<int> PostAsync(TestApp app, int id, long chat = -1001234567890, long date = Minute, string text = "ann") =>
        (await app.SendAsync<TelegramWebhook>(
            HttpCalls.Post("/", TelegramStandIn.Update(id, text, chat, 1365 + id, date: date)).With("X-Telegram-Bot-Api-Secret-Token", TelegramStandIn.Secret),
            (f, r) => f.RunAsync(r, default))).Status;
}

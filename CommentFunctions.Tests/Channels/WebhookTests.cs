using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CommentFunctions.Bot;
using CommentFunctions.Channels.Signal;
using CommentFunctions.Channels.Telegram;
using CommentFunctions.Channels.WhatsApp;
using CommentFunctions.Http;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Channels;

public sealed class WebhookTests : IAsyncLifetime
{
    private static readonly DateTimeOffset SentAt = DateTimeOffset.FromUnixTimeSeconds(1768478400);

    private TelegramStandIn telegram = null!;
    private WhatsAppStandIn whatsApp = null!;
    private SignalStandIn signal = null!;
    private TestApp app = null!;

    public async Task InitializeAsync()
    {
        telegram = await StandIn.StartAsync<TelegramStandIn>();
        whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        signal = await StandIn.StartAsync<SignalStandIn>();
        app = await TestApp.StartAsync(new([.. telegram.Settings, .. whatsApp.Settings, .. signal.Settings]));
    }

    public async Task DisposeAsync()
    {
        await app.DisposeAsync();
        await telegram.DisposeAsync();
        await whatsApp.DisposeAsync();
        await signal.DisposeAsync();
    }

    [Fact]
    public async Task A_Telegram_text_is_on_the_queue_before_the_answer()
    {
        var answer = await TelegramAsync(TelegramStandIn.Update(10000, "/last ann", chat: -1001234567890, message: 5000000001));

        Assert.Equal(200, answer.Status);
        AssertSent("telegram:10000", new("telegram", "-1001234567890", "1111111", "/last ann", app.Clock.Now, SentAt, "5000000001"));
    }

    [Fact]
    public async Task A_WhatsApp_text_is_on_the_queue_before_the_answer()
    {
        var answer = await WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")]));

        Assert.Equal(200, answer.Status);
        AssertSent("whatsapp:wamid.A=", new("whatsapp", "16505551234", "16505551234", "ann", app.Clock.Now, SentAt));
    }

    [Theory]
    [InlineData(null, SignalStandIn.Person)]
    [InlineData(SignalStandIn.Group, "group.bUhOMWtpWGdNWHBLejVBaDJsMTEwTkxRSHpJcllhRnVDM2MzbXpwU29hRT0=")]
    public async Task A_Signal_text_is_on_the_queue_before_the_answer(string? group, string recipient)
    {
        var answer = await SignalAsync(SignalStandIn.Received(1768478400000, "ann", group: group));

        Assert.Equal(200, answer.Status);
        AssertSent(
            $"signal:{SignalStandIn.Person}:1768478400000", new("signal", recipient, SignalStandIn.Person, "ann", app.Clock.Now, SentAt));
    }

    [Fact]
    public async Task All_messages_of_a_WhatsApp_call_are_sent_and_repeats_in_it_once()
    {
        var messages = Enumerable.Range(0, 7).Select(i => WhatsAppStandIn.Text($"wamid.{i % 6}", $"user{i % 6}"));

        await WhatsAppAsync(WhatsAppStandIn.Event(messages));

        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"whatsapp:wamid.{i}"), app.Sent.To(BotQueues.Messages).Select(m => m.MessageId));
    }

    [Fact]
    public async Task A_hundred_long_messages_in_one_call_are_sent()
    {
        var messages = Enumerable.Range(0, 100).Select(i => WhatsAppStandIn.Text($"wamid.{i}", new string('ä', 4096)));

        Assert.Equal(200, (await WhatsAppAsync(WhatsAppStandIn.Event(messages))).Status);

        Assert.Equal(100, app.Sent.To(BotQueues.Messages).Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("telegram-secret_W2v1u12")]
    [InlineData("TELEGRAM-SECRET_W2V1U123")]
    public async Task Telegram_is_not_let_in_without_the_secret(string? secret)
    {
        var problem = (await app.SendAsync<TelegramWebhook>(
            HttpCalls.Post("/api/channels/telegram", "not JSON").With("X-Telegram-Bot-Api-Secret-Token", secret), (f, r) => f.RunAsync(r, default))).Problem(401);

        Assert.DoesNotContain("telegram-secret", problem, StringComparison.Ordinal);
        Assert.Empty(app.Sent.To(BotQueues.Messages));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("sha256=zz")]
    [InlineData("sha256=abcd")]
    [InlineData("sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [InlineData("of another secret")]
    [InlineData("of another body")]
    public async Task WhatsApp_is_not_let_in_without_the_signature_of_the_body(string? signature)
    {
        var body = WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")]);
        signature = signature switch
        {
            "of another secret" => WhatsAppStandIn.Sign(body, "another"),
            "of another body" => WhatsAppStandIn.Sign(body + " "),
            _ => signature,
        };

        (await WhatsAppAsync(body, signature)).Problem(401);

        Assert.Empty(app.Sent.To(BotQueues.Messages));
    }

    [Theory]
    [InlineData(null, null, 401)]
    [InlineData("?secret=", null, 401)]
    [InlineData("?secret=wrong", null, 401)]
    [InlineData("?secret=" + SignalStandIn.Secret, null, 200)]
    [InlineData(null, "bot:wrong", 401)]
    [InlineData(null, "no colon", 401)]
    [InlineData("?secret=" + SignalStandIn.Secret, "bot:wrong", 401)]
    [InlineData(null, "bot:" + SignalStandIn.Secret, 200)]
    public async Task Signal_is_let_in_by_the_secret_as_password_or_in_the_query(string? query, string? credentials, int status)
    {
        var request = HttpCalls.Post($"/api/channels/signal{query}", SignalStandIn.Received(1, "ann"));
        if (credentials is not null)
        {
            request.With("Authorization", new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))).ToString());
        }

        var answer = await app.SendAsync<SignalWebhook>(request, (f, r) => f.RunAsync(r, default));

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? 1 : 0, app.Sent.To(BotQueues.Messages).Count);
    }

    [Theory]
    [InlineData("subscribe", WhatsAppStandIn.VerifyToken, 200)]
    [InlineData("subscribe", "wrong", 403)]
    [InlineData("subscribe", "", 403)]
    [InlineData("unsubscribe", WhatsAppStandIn.VerifyToken, 403)]
    public async Task WhatsApp_verifies_the_webhook_by_its_token(string mode, string token, int status)
    {
        var request = HttpCalls.Get($"/api/channels/whatsapp?hub.mode={mode}&hub.challenge=1158201444&hub.verify_token={token}");
        var body = new MemoryStream();
        request.HttpContext.Response.Body = body;

        var result = await app.WithAsync<VerifyWhatsAppWebhook, IResult>(f => Task.FromResult(f.Run(request)));
        await result.ExecuteAsync(request.HttpContext);

        Assert.Equal(status, request.HttpContext.Response.StatusCode);
        if (status == 200)
        {
            Assert.Equal(("text/plain; charset=utf-8", "1158201444"), (request.HttpContext.Response.ContentType, Encoding.UTF8.GetString(body.ToArray())));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"update_id\":1,\"message\":{\"message_id\":1,\"text\":\"ann\"}}")]
    [InlineData("{\"update_id\":1,\"message\":{\"chat\":{\"id\":1},\"text\":\"ann\"}}")]
    [InlineData("{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},\"text\":5}}")]
    [InlineData("{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},\"text\":\"\\ud83d\"}}")]
    [InlineData("{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},\"text\":\"ann\"}")]
    public async Task A_body_that_is_no_update_is_refused(string body)
    {
        Assert.Equal("The body is not an update of Telegram's Bot API in JSON.", (await TelegramAsync(body)).Problem(400));
        Assert.Empty(app.Sent.To(BotQueues.Messages));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"object\":\"whatsapp_business_account\"}")]
    [InlineData("{\"object\":\"whatsapp_business_account\",\"entry\":{}}")]
    public async Task A_body_that_is_no_event_is_refused(string body)
    {
        (await WhatsAppAsync(body)).Problem(400);
        Assert.Empty(app.Sent.To(BotQueues.Messages));
    }

    [Theory]
    [InlineData("id")]
    [InlineData("from")]
    [InlineData("timestamp")]
    public async Task A_WhatsApp_text_that_lacks_what_makes_it_a_message_is_refused(string property)
    {
        var message = WhatsAppStandIn.Text("wamid.A=", "ann");
        message.Remove(property);

        (await WhatsAppAsync(WhatsAppStandIn.Event([message]))).Problem(400);
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("{}")]
    [InlineData("{\"method\":\"receive\",\"params\":{}}")]
    [InlineData("{\"method\":\"receive\",\"params\":{\"envelope\":{\"timestamp\":1,\"dataMessage\":{\"message\":\"ann\"}}}}")]
    [InlineData("{\"method\":\"receive\",\"params\":{\"envelope\":{\"sourceUuid\":\"u\",\"dataMessage\":{\"message\":\"ann\"}}}}")]
    public async Task A_body_that_is_no_notification_is_refused(string body)
    {
        (await SignalAsync(body)).Problem(400);
        Assert.Empty(app.Sent.To(BotQueues.Messages));
    }

    [Theory]
    [InlineData("{\"update_id\":1}")]
    [InlineData("{\"update_id\":1,\"edited_message\":{\"message_id\":1,\"chat\":{\"id\":1},\"text\":\"ann\"}}")]
    [InlineData("{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},\"sticker\":{\"emoji\":\"x\"}}}")]
    [InlineData("{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},\"new_chat_members\":[{\"id\":1}]}}")]
    [InlineData("{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},\"text\":\"  \"}}")]
    public async Task An_update_without_a_text_is_taken_and_not_answered(string body)
    {
        Assert.Equal(200, (await TelegramAsync(body)).Status);
        Assert.Empty(app.Sent.To(BotQueues.Messages));
    }

    [Fact]
    public async Task What_is_no_text_to_the_number_is_taken_and_not_answered()
    {
        var image = new JsonObject { ["from"] = "16505551234", ["id"] = "wamid.I", ["timestamp"] = "1", ["type"] = "image", ["image"] = new JsonObject { ["id"] = "1" } };

        Assert.Equal(200, (await WhatsAppAsync(WhatsAppStandIn.Event([image]))).Status);
        Assert.Equal(200, (await WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")], number: "1"))).Status);
        Assert.Equal(200, (await WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")], field: "account_update"))).Status);
        Assert.Equal(200, (await WhatsAppAsync("""{"object":"page","entry":[{"changes":[]}]}""")).Status);
        Assert.Empty(app.Sent.To(BotQueues.Messages));
    }

    [Theory]
    [InlineData("receiptMessage")]
    [InlineData("typingMessage")]
    [InlineData("syncMessage")]
    [InlineData("editMessage")]
    public async Task What_is_no_Signal_message_is_taken_and_not_answered(string kind)
    {
        Assert.Equal(200, (await SignalAsync(SignalStandIn.Envelope(1, kind, new JsonObject { ["message"] = "ann" }))).Status);
        Assert.Empty(app.Sent.To(BotQueues.Messages));
    }

    [Fact]
    public async Task A_reaction_and_a_message_to_another_account_are_taken_and_not_answered()
    {
        await SignalAsync(SignalStandIn.Envelope(1, "dataMessage", new JsonObject { ["message"] = null, ["reaction"] = new JsonObject { ["emoji"] = "x" } }));
        await SignalAsync(SignalStandIn.Received(1, "ann", account: "+4399999"));

        Assert.Empty(app.Sent.To(BotQueues.Messages));
    }

    [Fact]
    public async Task A_service_is_told_to_call_again_where_the_queue_does_not_take_the_message()
    {
        app.Sent.Failure = new TimeoutException("at 10.0.0.1");

        foreach (var answer in new[]
        {
            await TelegramAsync(TelegramStandIn.Update(1, "ann")),
            await WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")])),
            await SignalAsync(SignalStandIn.Received(1, "ann")),
        })
        {
            Assert.DoesNotContain("10.0.0.1", answer.Problem(503), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_text_of_any_length_and_an_id_of_any_length_fit_into_the_queue()
    {
        await SignalAsync(SignalStandIn.Received(1, new string('x', 100_000)));
        await WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid." + new string('A', 300), "ann")]));

        Assert.All(app.Sent.To(BotQueues.Messages), message => Assert.InRange(message.MessageId!.Length + "reply::attempt:10".Length, 1, 128));
        Assert.InRange(app.Sent.To(BotQueues.Messages)[0].Body.ToMemory().Length, 4000, 5000);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        var body = new byte[(4 * 1024 * 1024) + 1];
        var request = HttpCalls.Post("/api/channels/whatsapp", body);
        request.ContentLength = null;

        (await app.SendAsync<WhatsAppWebhook>(request, (f, r) => f.RunAsync(r, default))).Problem(413);
    }

    [Fact]
    public async Task A_webhook_of_a_channel_that_is_not_configured_names_its_settings()
    {
        await using var bare = await TestApp.StartAsync();

        var problems = new[]
        {
            (await bare.SendAsync<TelegramWebhook>(HttpCalls.Post("/", "{}"), (f, r) => f.RunAsync(r, default))).Problem(404),
            (await bare.SendAsync<SetTelegramWebhook>(HttpCalls.Post("/?url=https://a.example/x"), (f, r) => f.RunAsync(r, default))).Problem(404),
            (await bare.SendAsync<WhatsAppWebhook>(HttpCalls.Post("/", "{}"), (f, r) => f.RunAsync(r, default))).Problem(404),
            (await bare.SendAsync<VerifyWhatsAppWebhook>(HttpCalls.Get("/"), (f, r) => Task.FromResult(f.Run(r)))).Problem(404),
            (await bare.SendAsync<SignalWebhook>(HttpCalls.Post("/", "{}"), (f, r) => f.RunAsync(r, default))).Problem(404),
        };

        Assert.All(problems[..2], p => Assert.Contains("Channels:Telegram:BotToken, Channels:Telegram:WebhookSecret", p, StringComparison.Ordinal));
        Assert.All(problems[2..4], p => Assert.Contains("Channels:WhatsApp:AccessToken, Channels:WhatsApp:AppSecret, Channels:WhatsApp:VerifyToken", p, StringComparison.Ordinal));
        Assert.Contains("Channels:Signal:ApiAddress, Channels:Signal:Number, Channels:Signal:WebhookSecret", problems[4], StringComparison.Ordinal);
    }

    private void AssertSent(string id, BotMessage message)
    {
        var sent = Assert.Single(app.Sent.To(BotQueues.Messages));
        Assert.Equal((id, message), (sent.MessageId, sent.Body.ToObjectFromJson<BotMessage>(ApiJson.Reading)));
    }

    private Task<HttpAnswer> TelegramAsync(string body) => app.SendAsync<TelegramWebhook>(
        HttpCalls.Post("/api/channels/telegram", body).With("X-Telegram-Bot-Api-Secret-Token", TelegramStandIn.Secret), (f, r) => f.RunAsync(r, default));

    private Task<HttpAnswer> WhatsAppAsync(string body) => WhatsAppAsync(body, WhatsAppStandIn.Sign(body));

    private Task<HttpAnswer> WhatsAppAsync(string body, string? signature) => app.SendAsync<WhatsAppWebhook>(
        HttpCalls.Post("/api/channels/whatsapp", body).With("X-Hub-Signature-256", signature), (f, r) => f.RunAsync(r, default));

    private Task<HttpAnswer> SignalAsync(string body) => app.SendAsync<SignalWebhook>(
        HttpCalls.Post($"/api/channels/signal?secret={SignalStandIn.Secret}", body), (f, r) => f.RunAsync(r, default));
}

using System.Net.Http.Headers;
using System.Text;
using CommentFunctions.Channels.Signal;
using CommentFunctions.Channels.Telegram;
using CommentFunctions.Channels.WhatsApp;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Channels;

/// <summary>Whom and what the webhooks do not take.</summary>
public sealed class WebhookRefusalTests : ChannelsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("telegram-secret_W2v1u12")]
    [InlineData("TELEGRAM-SECRET_W2V1U123")]
    public async Task Telegram_is_not_let_in_without_the_secret(string? secret)
    {
        var problem = (await Channels.TelegramAsync("not JSON", secret)).Problem(401);

        Assert.DoesNotContain("telegram-secret", problem, StringComparison.Ordinal);
        Assert.Empty(App.Sent.To(QueueNames.Messages));
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

        (await Channels.WhatsAppAsync(body, signature)).Problem(401);

        Assert.Empty(App.Sent.To(QueueNames.Messages));
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

        var answer = await App.SendAsync<SignalWebhook>(request, (f, r) => f.RunAsync(r, default));

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? 1 : 0, App.Sent.To(QueueNames.Messages).Count);
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

        var result = await App.WithAsync<WhatsAppWebhook, IResult>(f => Task.FromResult(f.Verify(request)));
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
        Assert.Equal("The body is not an update of Telegram's Bot API in JSON.", (await Channels.TelegramAsync(body)).Problem(400));
        Assert.Empty(App.Sent.To(QueueNames.Messages));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"object\":\"whatsapp_business_account\"}")]
    [InlineData("{\"object\":\"whatsapp_business_account\",\"entry\":{}}")]
    public async Task A_body_that_is_no_event_is_refused(string body)
    {
        (await Channels.WhatsAppAsync(body)).Problem(400);
        Assert.Empty(App.Sent.To(QueueNames.Messages));
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("{}")]
    [InlineData("{\"method\":\"receive\",\"params\":{}}")]
    [InlineData("{\"method\":\"receive\",\"params\":{\"envelope\":{\"timestamp\":1,\"dataMessage\":{\"message\":\"ann\"}}}}")]
    [InlineData("{\"method\":\"receive\",\"params\":{\"envelope\":{\"sourceUuid\":\"u\",\"dataMessage\":{\"message\":\"ann\"}}}}")]
    public async Task A_body_that_is_no_notification_is_refused(string body)
    {
        (await Channels.SignalAsync(body)).Problem(400);
        Assert.Empty(App.Sent.To(QueueNames.Messages));
    }

    [Fact]
    public async Task A_service_is_told_to_call_again_where_the_queue_does_not_take_the_message()
    {
        App.Sent.Failure = new TimeoutException("at 10.0.0.1");

        foreach (var answer in new[]
        {
            await Channels.TelegramAsync(TelegramStandIn.Update(1, "ann")),
            await Channels.WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")])),
            await Channels.SignalAsync(SignalStandIn.Received(1, "ann")),
        })
        {
            Assert.DoesNotContain("10.0.0.1", answer.Problem(503), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_body_that_is_larger_than_Meta_sends_is_refused_and_read_no_further()
    {
        // "Webhooks payloads can be up to 3MB."
        var body = new byte[5_000_000];
        var request = HttpCalls.Post("/api/channels/whatsapp", body);
        request.ContentLength = null;

        (await App.SendAsync<WhatsAppWebhook>(request, (f, r) => f.RunAsync(r, default))).Problem(413);
        Assert.InRange(request.Body.Position, 3_000_000, (3 * 1024 * 1024) + 1);
    }

    /// <summary>The limit is for who does not show the secret: here a stranger and Meta have one address.</summary>
    [Fact]
    public async Task A_signed_call_is_let_in_from_where_too_many_were_not_unless_it_is_large()
    {
        await using var app = await TestApp.StartAsync(new(Channels.WhatsApp.Settings) { ["RequestLimits:PerSecondPerAddress"] = "1" });
        var usual = WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")]);
        var large = usual + new string(' ', 100_000);

        // More than once, since a second lets another one in.
        var refused = false;
        for (var i = 0; i < 1_000 && !refused; i++)
        {
            await CallAsync("{}", "another");
            refused = await CallAsync(large, WhatsAppStandIn.Secret) == 429;
        }

        Assert.True(refused);
        Assert.Equal(200, await CallAsync(usual, WhatsAppStandIn.Secret));

        async Task<int> CallAsync(string body, string secret) => (await app.SendAsync<WhatsAppWebhook>(
            HttpCalls.Post("/", body).With("X-Hub-Signature-256", WhatsAppStandIn.Sign(body, secret)), (f, r) => f.RunAsync(r, default))).Status;
    }

    [Fact]
    public async Task A_webhook_of_a_channel_that_is_not_configured_names_its_settings()
    {
        await using var bare = await TestApp.StartAsync();

        var problems = new[]
        {
            (await bare.SendAsync<TelegramWebhook>(HttpCalls.Post("/", "{}"), (f, r) => f.RunAsync(r, default))).Problem(404),
            (await bare.SendAsync<TelegramRegistrationApi>(HttpCalls.Post("/?url=https://a.example/x"), (f, r) => f.SetAsync(r, default))).Problem(404),
            (await bare.SendAsync<WhatsAppWebhook>(HttpCalls.Post("/", "{}"), (f, r) => f.RunAsync(r, default))).Problem(404),
            (await bare.SendAsync<WhatsAppWebhook>(HttpCalls.Get("/"), (f, r) => Task.FromResult(f.Verify(r)))).Problem(404),
            (await bare.SendAsync<SignalWebhook>(HttpCalls.Post("/", "{}"), (f, r) => f.RunAsync(r, default))).Problem(404),
        };

        Assert.All(problems[..2], p => Assert.Contains("Channels:Telegram:BotToken, Channels:Telegram:WebhookSecret", p, StringComparison.Ordinal));
        Assert.All(problems[2..4], p => Assert.Contains("Channels:WhatsApp:AccessToken, Channels:WhatsApp:AppSecret, Channels:WhatsApp:VerifyToken", p, StringComparison.Ordinal));
        Assert.Contains("Channels:Signal:ApiAddress, Channels:Signal:Number, Channels:Signal:WebhookSecret", problems[4], StringComparison.Ordinal);
    }
}

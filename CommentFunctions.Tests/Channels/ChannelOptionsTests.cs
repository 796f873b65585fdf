using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Channels;
using CommentFunctions.Channels.Signal;
using CommentFunctions.Channels.WhatsApp;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.Channels;

public class ChannelOptionsTests
{
    private const string Reference = "@Microsoft.KeyVault(VaultName=kv;SecretName=s)";

    [Fact]
    public void Nothing_is_registered_for_a_channel_that_is_not_configured()
    {
        using var app = ChannelApp.Start();

        Assert.Empty(app.Channels);
    }

    [Fact]
    public async Task Each_channel_can_be_configured_alone_or_beside_the_others()
    {
        await using var telegram = await StandIn.StartAsync<TelegramStandIn>();
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        await using var signal = await StandIn.StartAsync<SignalStandIn>();

        using var one = ChannelApp.Start(whatsApp.Settings);
        using var all = ChannelApp.Start([.. telegram.Settings, .. whatsApp.Settings, .. signal.Settings]);

        Assert.Equal(["whatsapp"], one.Channels.Select(c => c.Name));
        Assert.Equal(["telegram", "whatsapp", "signal"], all.Channels.Select(c => c.Name));
    }

    [Theory]
    [InlineData("Channels:Telegram:BotToken", "1:a", "Channels:Telegram:WebhookSecret is missing, while Channels:Telegram:BotToken is set. Set it to ")]
    [InlineData("Channels:Telegram:WebhookSecret", "s", "Channels:Telegram:BotToken is missing, while Channels:Telegram:WebhookSecret is set. Set it to ")]
    [InlineData("Channels:WhatsApp:VerifyToken", "t", "Channels:WhatsApp:AccessToken is missing", "Channels:WhatsApp:AppSecret is missing", "Channels:WhatsApp:PhoneNumberId is missing")]
    [InlineData("Channels:Signal:Number", "+4312345", "Channels:Signal:ApiAddress is missing", "Channels:Signal:WebhookSecret is missing")]
    [InlineData("Channels:Telegram:BotToken", "1:secret/../x", "Channels:Telegram:BotToken is no token.")]
    [InlineData("Channels:Telegram:WebhookSecret", "sécret", "Channels:Telegram:WebhookSecret is no secret that Telegram takes.")]
    [InlineData("Channels:Telegram:MessagesPerSecondPerChat", "many", "Channels:Telegram:MessagesPerSecondPerChat is 'many'. Allowed: a number from 0.01 to 10000.")]
    [InlineData("Channels:Telegram:MessagesPerSecond", "0", "Channels:Telegram:MessagesPerSecond is '0'.")]
    [InlineData("Channels:Telegram:MessagesPerMinutePerGroup", "-1", "Channels:Telegram:MessagesPerMinutePerGroup is '-1'.")]
    [InlineData("Channels:Signal:RepliesPerMinutePerConversation", "0.5", "Channels:Signal:RepliesPerMinutePerConversation is '0.5'. Allowed: a whole number from 1 to 10000.")]
    [InlineData("Channels:Telegram:ApiAddress", "api.telegram.org", "Channels:Telegram:ApiAddress is no address of an API.")]
    [InlineData("Channels:Telegram:ApiAddress", "", "Channels:Telegram:ApiAddress is no address of an API.")]
    [InlineData("Channels:Telegram:Timeout", "00:01:00", "Channels:Telegram:Timeout is '00:01:00'. Allowed: hh:mm:ss, from 00:00:00.1 to 00:00:20.")]
    [InlineData("Channels:Telegram:Receive", "Sometimes", "Channels:Telegram:Receive is 'Sometimes'. Allowed: Webhook, Polling.")]
    [InlineData("Channels:Telegram:Receive", "Polling", "Channels:Telegram:BotToken is missing, while Channels:Telegram:Receive is set. Set it to the token ")]
    [InlineData("Channels:Signal:Receive", "WebSocket", "Channels:Signal:Receive is 'WebSocket'. Allowed: Webhook, Polling.")]
    [InlineData("Channels:Signal:Receive", "Polling", "Channels:Signal:ApiAddress is missing, while Channels:Signal:Receive is set. Set it to the address ", "Channels:Signal:Number is missing")]
    [InlineData("Channels:WhatsApp:PhoneNumberId", "+1 650", "Channels:WhatsApp:PhoneNumberId is '+1 650'. Allowed: digits.")]
    [InlineData("Channels:WhatsApp:ApiVersion", "latest", "Channels:WhatsApp:ApiVersion is 'latest'.")]
    [InlineData("Channels:WhatsApp:AccessToken", "a\nb", "Channels:WhatsApp:AccessToken is no token.")]
    [InlineData("Channels:Signal:Number", "0170", "Channels:Signal:Number is '0170'. Allowed: + and 5 to 15 digits.")]
    [InlineData("Channels:Signal:WebhookSecret", "secret/../x", "Channels:Signal:WebhookSecret is no secret that fits into an address.")]
    [InlineData("Channels:Signal:WebhookSecret", "p@ss", "Channels:Signal:WebhookSecret is no secret that fits into an address.")]
    [InlineData("Channels:Telegram:BotToken", Reference, "Channels:Telegram:BotToken is a Key Vault reference that was not resolved.")]
    [InlineData("Channels:Telegram:WebhookSecret", " " + Reference, "Channels:Telegram:WebhookSecret is a Key Vault reference that was not resolved.")]
    [InlineData("Channels:WhatsApp:AppSecret", Reference, "Channels:WhatsApp:AppSecret is a Key Vault reference that was not resolved.")]
    [InlineData("Channels:Signal:WebhookSecret", Reference, "Channels:Signal:WebhookSecret is a Key Vault reference that was not resolved.")]
    public async Task What_is_missing_or_wrong_turns_off_its_channel_alone_and_is_told_by_its_name(string setting, string value, params string[] problems)
    {
        await using var telegram = await StandIn.StartAsync<TelegramStandIn>();
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        await using var signal = await StandIn.StartAsync<SignalStandIn>();
        // Where the setting is missing company, it stands alone; where it is wrong, everything else is right.
        Dictionary<string, string?> settings = problems[0].Contains("is missing", StringComparison.Ordinal)
            ? new() { [setting] = value }
            : new([.. telegram.Settings, .. whatsApp.Settings, .. signal.Settings]) { [setting] = value };
        var log = new LogLines(typeof(ChannelFaults).FullName!);

        await using var app = await TestApp.StartAsync(settings, log: log);

        var off = Assert.Single(app.Services.GetRequiredService<ChannelFaults>().All);
        Assert.Equal(setting.Split(':')[1], off.Channel, ignoreCase: true);
        Assert.Equal(problems.Length, off.Problems.Count);
        Assert.All(problems.Zip(off.Problems), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
        Assert.Equal(off.Problems.Select(problem => $"The channel {off.Channel} is off: {problem}"), log.Lines);
        Assert.DoesNotContain("secret/..", string.Concat(off.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_that_is_off_lets_nobody_in_and_its_replies_wait_while_the_others_work()
    {
        await using var telegram = await StandIn.StartAsync<TelegramStandIn>();
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        await using var signal = await StandIn.StartAsync<SignalStandIn>();
        await using var app = await TestApp.StartAsync(new([.. telegram.Settings, .. whatsApp.Settings, .. signal.Settings])
        {
            ["Channels:Signal:WebhookSecret"] = Reference,
            ["Channels:WhatsApp:AppSecret"] = Reference,
            ["Channels:WhatsApp:VerifyToken"] = Reference,
        });
        var body = WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")]);
        var secret = Uri.EscapeDataString(Reference);

        // The text of the reference is not the secret.
        (await app.SendAsync<SignalWebhook>(
            HttpCalls.Post($"/api/channels/signal?secret={secret}", SignalStandIn.Received(1, "ann")), (f, r) => f.RunAsync(r, default))).Problem(503);
        (await app.SendAsync<WhatsAppWebhook>(
            HttpCalls.Post("/api/channels/whatsapp", body).With("X-Hub-Signature-256", WhatsAppStandIn.Sign(body, Reference)), (f, r) => f.RunAsync(r, default))).Problem(503);
        (await app.SendAsync<WhatsAppWebhook>(
            HttpCalls.Get($"/?hub.mode=subscribe&hub.challenge=1&hub.verify_token={secret}"), (f, r) => Task.FromResult(f.Verify(r)))).Problem(503);
        Assert.Empty(app.Sent.To(QueueNames.Messages));

        Assert.Null(await app.DeliverAsync(Reply("signal", app.Clock.Now)));
        Assert.Equal("reply:signal:1:again:1", Assert.Single(app.Sent.To(QueueNames.Replies)).MessageId);

        await app.DeliverAsync(Reply("telegram", app.Clock.Now));
        Assert.Single(telegram.Delivered);
    }

    private static ServiceBusMessage Reply(string channel, DateTimeOffset at)
    {
        var reply = new BotReply(new(channel, "1", "1", "ann", at), $"{channel}:1", "ann", "No comments found for user ann");
        return QueueJson.Write(reply.Id, reply);
    }
}

using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Channels;

public class ChannelOptionsTests
{
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
    [InlineData("Channels:Telegram:ApiAddress", "api.telegram.org", "Channels:Telegram:ApiAddress is no address of an API.")]
    [InlineData("Channels:Telegram:ApiAddress", "", "Channels:Telegram:ApiAddress is no address of an API.")]
    [InlineData("Channels:Telegram:Timeout", "00:01:00", "Channels:Telegram:Timeout is '00:01:00'. Allowed: hh:mm:ss, from 00:00:00.1 to 00:00:20.")]
    [InlineData("Channels:WhatsApp:PhoneNumberId", "+1 650", "Channels:WhatsApp:PhoneNumberId is '+1 650'. Allowed: digits.")]
    [InlineData("Channels:WhatsApp:ApiVersion", "latest", "Channels:WhatsApp:ApiVersion is 'latest'.")]
    [InlineData("Channels:WhatsApp:AccessToken", "a\nb", "Channels:WhatsApp:AccessToken is no token.")]
    [InlineData("Channels:Signal:Number", "0170", "Channels:Signal:Number is '0170'. Allowed: + and 5 to 15 digits.")]
    public async Task What_is_missing_or_wrong_ends_the_start_by_its_name(string setting, string value, params string[] problems)
    {
        await using var telegram = await StandIn.StartAsync<TelegramStandIn>();
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        await using var signal = await StandIn.StartAsync<SignalStandIn>();
        // Where the setting is missing company, it stands alone; where it is wrong, everything else is right.
        Dictionary<string, string?> settings = problems[0].Contains("is missing", StringComparison.Ordinal)
            ? new() { [setting] = value }
            : new([.. telegram.Settings, .. whatsApp.Settings, .. signal.Settings]) { [setting] = value };

        var failures = (await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(settings))).Failures.ToList();

        Assert.Equal(problems.Length, failures.Count);
        Assert.All(problems.Zip(failures), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
        Assert.DoesNotContain("secret/..", string.Concat(failures), StringComparison.Ordinal);
    }
}

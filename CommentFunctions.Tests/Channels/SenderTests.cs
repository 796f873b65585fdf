using System.Text.Json.Nodes;
using CommentFunctions.Bot;
using CommentFunctions.Tests.Channels.Support;

namespace CommentFunctions.Tests.Channels;

/// <summary>What each channel's sender sends, and what only its service says.</summary>
public class SenderTests
{
    [Fact]
    public async Task Telegram_quotes_the_message_and_takes_text_for_text()
    {
        await using var telegram = await StandIn.StartAsync<TelegramStandIn>();
        using var app = ChannelApp.Start(telegram.Settings);

        await app.SendAsync("-1001234567890", "Last comment for ann was <b>*_x_*</b>", quote: "1365");

        Assert.Equal([new("-1001234567890", "Last comment for ann was <b>*_x_*</b>", 1365)], telegram.Delivered);
        Assert.Equal($"POST /bot{TelegramStandIn.Token}/sendMessage", telegram.Calls[0].Line);
        Assert.Equal(true, (bool?)JsonNode.Parse(telegram.Calls[0].Body)!["reply_parameters"]!["allow_sending_without_reply"]);
    }

    [Fact]
    public async Task Telegram_may_be_below_a_path()
    {
        await using var telegram = await StandIn.StartAsync<TelegramStandIn>();
        using var app = ChannelApp.Start([.. telegram.Settings, new("Channels:Telegram:ApiAddress", $"{telegram.Address}/own/")]);

        await Assert.ThrowsAsync<PermanentChannelException>(() => app.SendAsync("1"));

        Assert.Equal($"POST /own/bot{TelegramStandIn.Token}/sendMessage", telegram.Calls[0].Line);
    }

    [Fact]
    public async Task A_text_is_cut_to_what_the_service_takes()
    {
        await using var telegram = await StandIn.StartAsync<TelegramStandIn>();
        using var app = ChannelApp.Start(telegram.Settings);

        await app.SendAsync("1", string.Concat(Enumerable.Repeat("😀", 3000)));

        var text = Assert.Single(telegram.Delivered).Text;
        Assert.Equal(4095, text.Length);
        Assert.EndsWith("😀…", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("16505551234", "individual", "16505551234", null)]
    [InlineData(WhatsAppStandIn.UserId, "individual", null, WhatsAppStandIn.UserId)]
    [InlineData("US.ENT.30528194627718830021", "individual", null, "US.ENT.30528194627718830021")]
    [InlineData("group:" + WhatsAppStandIn.Group, "group", WhatsAppStandIn.Group, null)]
    public async Task WhatsApp_is_sent_to_by_the_number_the_user_id_and_the_group(string conversation, string type, string? to, string? recipient)
    {
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        using var app = ChannelApp.Start(whatsApp.Settings);

        await app.SendAsync(conversation);

        Assert.Equal([new((to ?? recipient)!, "No comments found for user ann")], whatsApp.Delivered);
        var body = JsonNode.Parse(whatsApp.Calls[0].Body)!;
        Assert.Equal((type, to, recipient), ((string?)body["recipient_type"], (string?)body["to"], (string?)body["recipient"]));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task WhatsApp_is_not_sent_to_later_than_24_hours_after_the_message(int milliseconds, bool sent)
    {
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        using var app = ChannelApp.Start(whatsApp.Settings);

        var sending = app.SendAsync("16505551234", sentAt: app.Clock.GetUtcNow() - TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(milliseconds));

        if (sent)
        {
            await sending;
        }
        else
        {
            Assert.Equal("ReplyTooLate", (await Assert.ThrowsAsync<PermanentChannelException>(() => sending)).Reason);
        }

        Assert.Equal(sent ? 1 : 0, whatsApp.Calls.Count);
    }

    [Theory]
    [InlineData(131047, "Re-engagement message", null, "ReplyTooLate", "Re-engagement message")]
    [InlineData(131026, "Message undeliverable", "The number is unable to receive it.", "ChannelRefused", "Message undeliverable: The number is unable to receive it")]
    [InlineData(131062, "Business-scoped User ID (BSUID) recipients are not supported for this message", null, "ChannelRefused", "Business-scoped User ID (BSUID) recipients are not supported for this message")]
    [InlineData(190, "Expired", "Expired", "ChannelRefused", "Expired")]
    public async Task What_WhatsApp_refuses_is_refused_for_a_reason(int code, string message, string? details, string reason, string told)
    {
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        whatsApp.Plan(new Trouble(TroubleKind.Refuse, Code: code, Text: message, Details: details));
        using var app = ChannelApp.Start(whatsApp.Settings);

        var refusal = await Assert.ThrowsAsync<PermanentChannelException>(() => app.SendAsync("16505551234"));

        Assert.Equal((reason, $"whatsapp answered 400: error {code}, {told}."), (refusal.Reason, refusal.Message));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(80007)]
    [InlineData(130429)]
    [InlineData(131056)]
    public async Task WhatsApps_codes_of_too_many_messages_pass_whatever_the_status(int code)
    {
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        whatsApp.Plan(new Trouble(TroubleKind.Refuse, Code: code));
        using var app = ChannelApp.Start(whatsApp.Settings);

        await app.SendAsync("16505551234");

        Assert.Single(whatsApp.Delivered);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    public async Task No_message_follows_a_redirect(int status)
    {
        await NotFollowedAsync<TelegramStandIn>("1", status, service => service.Settings);
        await NotFollowedAsync<WhatsAppStandIn>("16505551234", status, service => service.Settings);
        await NotFollowedAsync<SignalStandIn>(SignalStandIn.Person, status, service => service.Settings);
    }

    private static async Task NotFollowedAsync<T>(string conversation, int status, Func<T, Dictionary<string, string?>> settings)
        where T : StandIn, new()
    {
        await using var elsewhere = await StandIn.StartAsync<TelegramStandIn>();
        await using var service = await StandIn.StartAsync<T>();
        service.Next = () => new Trouble(TroubleKind.Failure, Status: status, Location: $"{elsewhere.Address}/bot{TelegramStandIn.Token}/sendMessage");
        using var app = ChannelApp.Start(settings(service));

        await Assert.ThrowsAnyAsync<Exception>(() => app.SendAsync(conversation));

        Assert.NotEmpty(service.Calls);
        Assert.Empty(elsewhere.Calls);
    }

    [Theory]
    [InlineData("b73a0708-1b5c-4c3a-9a52-f7f432d7bf6c")]
    [InlineData("+4366012345678")]
    [InlineData("group.bUhOMWtpWGdNWHBLejVBaDJsMTEwTkxRSHpJcllhRnVDM2MzbXpwU29hRT0=")]
    public async Task Signal_is_sent_to_people_and_groups(string recipient)
    {
        await using var signal = await StandIn.StartAsync<SignalStandIn>();
        signal.Plan(new Trouble(TroubleKind.Failure), new Trouble(TroubleKind.Cut));
        using var app = ChannelApp.Start(signal.Settings);

        await app.SendAsync(recipient);

        Assert.Equal([new(recipient, "No comments found for user ann")], signal.Delivered);
    }
}

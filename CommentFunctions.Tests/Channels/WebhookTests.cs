using System.Text.Json.Nodes;
using CommentFunctions.Bot;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;

namespace CommentFunctions.Tests.Channels;

/// <summary>What the webhooks take.</summary>
public sealed class WebhookTests : ChannelsTests
{
    private static readonly DateTimeOffset SentAt = DateTimeOffset.FromUnixTimeSeconds(1768478400);

    [Fact]
    public async Task A_Telegram_text_is_on_the_queue_before_the_answer()
    {
        var answer = await Channels.TelegramAsync(TelegramStandIn.Update(10000, "/last ann", chat: -1001234567890, message: 1365));

        Assert.Equal(200, answer.Status);
        AssertSent("telegram:10000", new("telegram", "-1001234567890", "5000000011", "/last ann", App.Clock.Now, SentAt, "1365"));
    }

    [Fact]
    public async Task A_WhatsApp_text_is_on_the_queue_before_the_answer()
    {
        var answer = await Channels.WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")]));

        Assert.Equal(200, answer.Status);
        AssertSent("whatsapp:wamid.A=", new("whatsapp", "16505551234", "16505551234", "ann", App.Clock.Now, SentAt));
    }

    [Theory]
    [InlineData(null, SignalStandIn.Person)]
    [InlineData(SignalStandIn.Group, "group.bUhOMWtpWGdNWHBLejVBaDJsMTEwTkxRSHpJcllhRnVDM2MzbXpwU29hRT0=")]
    public async Task A_Signal_text_is_on_the_queue_before_the_answer(string? group, string recipient)
    {
        var answer = await Channels.SignalAsync(SignalStandIn.Received(1768478400000, "ann", group: group));

        Assert.Equal(200, answer.Status);
        AssertSent(
            $"signal:{SignalStandIn.Person}:1768478400000", new("signal", recipient, SignalStandIn.Person, "ann", App.Clock.Now, SentAt));
    }

    [Fact]
    public async Task All_messages_of_a_WhatsApp_call_are_sent_and_repeats_in_it_once()
    {
        var messages = Enumerable.Range(0, 7).Select(i => WhatsAppStandIn.Text($"wamid.{i % 6}", $"user{i % 6}"));

        await Channels.WhatsAppAsync(WhatsAppStandIn.Event(messages));

        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"whatsapp:wamid.{i}"), App.Sent.To(QueueNames.Messages).Select(m => m.MessageId));
    }

    [Fact]
    public async Task A_hundred_long_messages_in_one_call_are_sent()
    {
        var messages = Enumerable.Range(0, 100).Select(i => WhatsAppStandIn.Text($"wamid.{i}", new string('ä', 4096), from: $"16505551{i:000}"));

        Assert.Equal(200, (await Channels.WhatsAppAsync(WhatsAppStandIn.Event(messages))).Status);

        Assert.Equal(100, App.Sent.To(QueueNames.Messages).Count);
        // What the smallest tier of Service Bus takes.
        Assert.InRange(App.Sent.LargestSend, 1, 200 * 1024);
    }

    [Theory]
    [InlineData("{\"update_id\":1}")]
    [InlineData("{\"update_id\":1,\"edited_message\":{\"message_id\":1,\"chat\":{\"id\":1},\"text\":\"ann\"}}")]
    [InlineData("{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},\"sticker\":{\"emoji\":\"x\"}}}")]
    [InlineData("{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},\"new_chat_members\":[{\"id\":1}]}}")]
    [InlineData("{\"update_id\":1,\"message\":{\"message_id\":1,\"chat\":{\"id\":1},\"text\":\"  \"}}")]
    public async Task An_update_without_a_text_is_taken_and_not_answered(string body)
    {
        Assert.Equal(200, (await Channels.TelegramAsync(body)).Status);
        Assert.Empty(App.Sent.To(QueueNames.Messages));
    }

    [Fact]
    public async Task What_is_no_text_to_the_number_is_taken_and_not_answered()
    {
        var image = new JsonObject { ["from"] = "16505551234", ["id"] = "wamid.I", ["timestamp"] = "1", ["type"] = "image", ["image"] = new JsonObject { ["id"] = "1" } };

        Assert.Equal(200, (await Channels.WhatsAppAsync(WhatsAppStandIn.Event([image]))).Status);
        Assert.Equal(200, (await Channels.WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")], number: "1"))).Status);
        Assert.Equal(200, (await Channels.WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")], field: "account_update"))).Status);
        Assert.Equal(200, (await Channels.WhatsAppAsync("""{"object":"page","entry":[{"changes":[]}]}""")).Status);
        Assert.Empty(App.Sent.To(QueueNames.Messages));
    }

    [Theory]
    [InlineData("receiptMessage")]
    [InlineData("typingMessage")]
    [InlineData("syncMessage")]
    [InlineData("editMessage")]
    public async Task What_is_no_Signal_message_is_taken_and_not_answered(string kind)
    {
        Assert.Equal(200, (await Channels.SignalAsync(SignalStandIn.Envelope(1, kind, new JsonObject { ["message"] = "ann" }))).Status);
        Assert.Empty(App.Sent.To(QueueNames.Messages));
    }

    [Fact]
    public async Task A_reaction_and_a_message_to_another_account_are_taken_and_not_answered()
    {
        await Channels.SignalAsync(SignalStandIn.Envelope(1, "dataMessage", new JsonObject { ["message"] = null, ["reaction"] = new JsonObject { ["emoji"] = "x" } }));
        await Channels.SignalAsync(SignalStandIn.Received(1, "ann", account: "+4399999"));

        Assert.Empty(App.Sent.To(QueueNames.Messages));
    }

    [Fact]
    public async Task A_text_of_any_length_and_an_id_of_any_length_fit_into_the_queue()
    {
        await Channels.SignalAsync(SignalStandIn.Received(1, new string('x', 100_000)));
        await Channels.WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid." + new string('A', 300), "ann")]));

        Assert.All(App.Sent.To(QueueNames.Messages), message => Assert.InRange(message.MessageId!.Length + "reply::attempt:10".Length, 1, 128));
        Assert.InRange(App.Sent.To(QueueNames.Messages)[0].Body.ToMemory().Length, 4000, 5000);
    }

    private void AssertSent(string id, BotMessage message)
    {
        var sent = Assert.Single(App.Sent.To(QueueNames.Messages));
        Assert.Equal((id, message), (sent.MessageId, sent.Body.ToObjectFromJson<BotMessage>(ApiJson.Reading)));
    }
}

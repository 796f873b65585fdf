using System.Text.Json.Nodes;
using CommentFunctions.Bot;
using CommentFunctions.Channels.WhatsApp;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Channels;

/// <summary>What of a call of WhatsApp is taken, and what becomes of the rest.</summary>
public sealed class WhatsAppEventsTests : ChannelsTests
{
    [Fact]
    public async Task A_text_of_a_person_without_a_number_is_to_be_answered_to_their_user_id()
    {
        await Channels.WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.TextWithoutNumber("wamid.A=", "ann")]));

        var message = Assert.Single(Asked(App));
        Assert.Equal((WhatsAppStandIn.UserId, WhatsAppStandIn.UserId), (message.Conversation, message.Sender));
    }

    [Fact]
    public async Task A_text_in_a_group_is_to_be_answered_in_the_group()
    {
        var text = WhatsAppStandIn.Text("wamid.A=", "ann");
        text["group_id"] = WhatsAppStandIn.Group;

        await Channels.WhatsAppAsync(WhatsAppStandIn.Event([text]));

        var message = Assert.Single(Asked(App));
        Assert.Equal(($"group:{WhatsAppStandIn.Group}", "16505551234"), (message.Conversation, message.Sender));
    }

    [Fact]
    public async Task A_person_without_a_number_and_a_group_get_their_replies()
    {
        var inGroup = WhatsAppStandIn.TextWithoutNumber("wamid.B=", "bob");
        inGroup["group_id"] = WhatsAppStandIn.Group;
        // The window of 24 hours is counted from the message.
        App.Clock.Now = DateTimeOffset.FromUnixTimeSeconds(1768478400);
        await Channels.WhatsAppAsync(WhatsAppStandIn.Event([WhatsAppStandIn.TextWithoutNumber("wamid.A=", "ann"), inGroup]));

        foreach (var message in App.Sent.To(QueueNames.Messages))
        {
            await App.AnswerAsync(BotMessages.Received(message));
        }

        foreach (var reply in App.Sent.To(QueueNames.Replies))
        {
            Assert.Null(await App.DeliverAsync(reply));
        }

        Assert.Equal(
            [new(WhatsAppStandIn.UserId, "No comments found for user ann"), new(WhatsAppStandIn.Group, "No comments found for user bob")],
            Channels.WhatsApp.Delivered);
    }

    [Fact]
    public async Task Of_ten_messages_with_three_that_cannot_be_read_the_other_seven_are_taken()
    {
        var log = new LogLines(typeof(WhatsAppWebhook).FullName!);
        await using var app = await TestApp.StartAsync(Channels.WhatsApp.Settings, log: log);
        var messages = Enumerable.Range(0, 10).Select(i => WhatsAppStandIn.Text($"wamid.{i}=", $"user{i}")).ToArray();
        messages[1]["timestamp"] = "soon";
        messages[4]["text"] = "bare";
        messages[8]["from"] = "";
        messages[8].Remove("from_user_id");

        Assert.Equal(200, (await PostAsync(app, WhatsAppStandIn.Event(messages))).Status);

        Assert.Equal([0, 2, 3, 5, 6, 7, 9], Asked(app).Select(m => m.Text[^1] - '0'));
        Assert.Equal(
            "A call of WhatsApp had what could not be read: text message without time (1), text message without text (1), "
            + "text message without sender (1). It is left out, and 7 texts are taken.",
            Assert.Single(log.Lines));
    }

    [Theory]
    [InlineData("id", null, "text message without id")]
    [InlineData("id", "7", "text message without id")]
    [InlineData("id", "\"\"", "text message without id")]
    [InlineData("from", null, "text message without sender")]
    [InlineData("from", "5", "text message without sender")]
    [InlineData("from", "\"\"", "text message without sender")]
    [InlineData("timestamp", null, "text message without time")]
    [InlineData("timestamp", "\"soon\"", "text message without time")]
    [InlineData("timestamp", "-1", "text message without time")]
    [InlineData("timestamp", "1e400", "text message without time")]
    [InlineData("text", null, "text message without text")]
    [InlineData("text", "\"bob\"", "text message without text")]
    [InlineData("text", "{\"body\":7}", "text message without text")]
    [InlineData("text", "{\"body\":\"\\ud83d\"}", "text message without text")]
    [InlineData("text", "[]", "text message without text")]
    [InlineData("type", null, "message without type")]
    [InlineData("type", "{}", "message without type")]
    public async Task A_message_that_cannot_be_read_is_left_out_of_its_call_with_a_warning_without_its_text(string property, string? value, string kind)
    {
        var log = new LogLines(typeof(WhatsAppWebhook).FullName!);
        await using var app = await TestApp.StartAsync(Channels.WhatsApp.Settings, log: log);

        Assert.Equal(200, (await PostAsync(app, With(property, value))).Status);

        Assert.Equal(["ann", "cat"], Asked(app).Select(m => m.Text));
        Assert.Equal($"A call of WhatsApp had what could not be read: {kind} (1). It is left out, and 2 texts are taken.", Assert.Single(log.Lines));
    }

    [Theory]
    [InlineData("timestamp", "1768478400")]
    [InlineData("from_user_id", "7")]
    [InlineData("from_user_id", "\"\\ud83d\"")]
    [InlineData("context", "\"none\"")]
    [InlineData("group_id", "7")]
    [InlineData("fro\\ud83d", "\"x\"")]
    [InlineData("referral", "DEEP")]
    public async Task What_the_bot_does_not_need_of_a_message_may_be_anything(string property, string value)
    {
        var deep = new string('[', 5000) + new string(']', 5000);

        Assert.Equal(200, (await Channels.WhatsAppAsync(With(property, value.Replace("DEEP", deep, StringComparison.Ordinal)))).Status);

        Assert.Equal(["ann", "bob", "cat"], Asked(App).Select(m => m.Text));
    }

    [Theory]
    [InlineData("\"hologram\",\"text\":\"bob\"")]
    [InlineData("\"hologram\",\"from\":null,\"id\":5,\"timestamp\":{}")]
    public async Task A_message_of_a_kind_that_is_new_is_left_alone_whatever_it_holds(string type)
    {
        var log = new LogLines(typeof(WhatsAppWebhook).FullName!);
        await using var app = await TestApp.StartAsync(Channels.WhatsApp.Settings, log: log);

        Assert.Equal(200, (await PostAsync(app, With("type", type))).Status);

        Assert.Equal(["ann", "cat"], Asked(app).Select(m => m.Text));
        Assert.Empty(log.Lines);
    }

    [Theory]
    [InlineData("[5,null,ENTRY]", "entry (1)")]
    [InlineData("[{\"changes\":{}},ENTRY]", "change (1)")]
    [InlineData("[{\"changes\":[{\"field\":\"messages\",\"value\":[]},7]},ENTRY]", "value of a change (1), change (1)")]
    [InlineData("[{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":7}}]},ENTRY]", null)]
    [InlineData("[{\"changes\":[{\"field\":\"other\",\"value\":[]}]},ENTRY]", null)]
    public async Task What_cannot_be_read_beside_an_entry_does_not_keep_it_from_being_taken(string entries, string? kinds)
    {
        var log = new LogLines(typeof(WhatsAppWebhook).FullName!);
        await using var app = await TestApp.StartAsync(Channels.WhatsApp.Settings, log: log);
        const string Head = "{\"object\":\"whatsapp_business_account\",\"entry\":";
        var entry = JsonNode.Parse(WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")]))!["entry"]![1]!.ToJsonString();

        Assert.Equal(200, (await PostAsync(app, $"{Head}{entries.Replace("ENTRY", entry, StringComparison.Ordinal)}}}")).Status);

        Assert.Single(Asked(app));
        Assert.Equal(
            kinds is null ? [] : [$"A call of WhatsApp had what could not be read: {kinds}. It is left out, and 1 texts are taken."], log.Lines);
    }

    // Three messages, of which the second is as Meta would write it: JsonNode would check what is put into it.
    private static string With(string property, string? value)
    {
        var message = WhatsAppStandIn.Text("wamid.B=", "bob");
        message.Remove(property);
        if (property == "from")
        {
            message.Remove("from_user_id");
        }

        var written = message.ToJsonString();
        var body = WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann"), message, WhatsAppStandIn.Text("wamid.C=", "cat")]);
        return value is null ? body : body.Replace(written, $"{written[..^1]},\"{property}\":{value}}}", StringComparison.Ordinal);
    }

    private static IReadOnlyList<BotMessage> Asked(TestApp app) =>
        [.. app.Sent.To(QueueNames.Messages).Select(m => m.Body.ToObjectFromJson<BotMessage>(ApiJson.Reading)!)];

    private static Task<HttpAnswer> PostAsync(TestApp app, string body) => app.SendAsync<WhatsAppWebhook>(
        HttpCalls.Post("/api/channels/whatsapp", body).With("X-Hub-Signature-256", WhatsAppStandIn.Sign(body)), (f, r) => f.RunAsync(r, default));
}

using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Channels.WhatsApp;
using CommentFunctions.Data;
using CommentFunctions.DeadLetters;
using CommentFunctions.Queues;
using CommentFunctions.Telemetry;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Channels;

/// <summary>What becomes of a reply that WhatsApp takes and later does not deliver.</summary>
public sealed class UndeliveredReplyTests : IAsyncLifetime, IDisposable
{
    private const string Record = "failed:reply:whatsapp:wamid.A=";

    private readonly LogLines log = new(null, LogLevel.Warning);
    private WhatsAppStandIn whatsApp = null!;
    private TestApp app = null!;

    public async Task InitializeAsync()
    {
        whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        app = await TestApp.StartAsync(whatsApp.Settings, log: log);
        app.Clock.Now = DateTimeOffset.FromUnixTimeSeconds(1768478400);
    }

    public async Task DisposeAsync()
    {
        await app.DisposeAsync();
        await whatsApp.DisposeAsync();
    }

    public void Dispose() => log.Dispose();

    [Theory]
    [InlineData(130472)]
    [InlineData(131026)]
    [InlineData(131047)]
    [InlineData(131049)]
    public async Task What_nobody_can_mend_is_recorded_and_counted_with_one_warning(int code)
    {
        using var measurements = new Measurements(app);
        await AskAsync(WhatsAppStandIn.Text("wamid.A=", "ann"));

        Assert.Null(await app.DeliverAsync(await FailAsync(code)));

        Assert.Equal(
            [(1, "channel=whatsapp, outcome=delivered"), (1, "channel=whatsapp, outcome=undelivered")], measurements.Of(TelemetryNames.BotReplies));
        Assert.Contains(Record, await RecordsAsync());
        Assert.Equal(
            $"Reply reply:whatsapp:wamid.A= did not arrive: whatsapp could not deliver it: error {code}, Not delivered: It did not arrive.",
            Assert.Single(log.Lines));
    }

    [Theory]
    [InlineData(131042)]
    [InlineData(131031)]
    [InlineData(999999)]
    public async Task What_somebody_could_mend_is_a_dead_letter_as_well_whose_replay_answers_anew(int code)
    {
        using var measurements = new Measurements(app);
        await AskAsync(WhatsAppStandIn.TextWithoutNumber("wamid.A=", "ann"));
        var failure = BotMessages.Received(await FailAsync(code));

        var letter = await app.DeliverAsync(failure);

        Assert.Equal(new("ReplyUndelivered", $"whatsapp could not deliver it: error {code}, Not delivered: It did not arrive."), letter);
        Assert.Equal(
            ["channel=whatsapp, outcome=delivered", "channel=whatsapp, outcome=undelivered", "channel=whatsapp, outcome=dead-lettered"],
            measurements.TagsOf(TelemetryNames.BotReplies));
        Assert.Contains(Record, await RecordsAsync());
        Assert.Single(log.Lines);

        await app.PostAsync("ann", "Hello");
        Assert.Null(await app.DeliverAsync(DeadLetterTools.CopyOf(failure)));
        Assert.Null(await app.DeliverAsync(DeadLetterTools.CopyOf(failure)));
        Assert.Equal(
            [new(WhatsAppStandIn.UserId, "No comments found for user ann"), new(WhatsAppStandIn.UserId, "Last comment for ann was Hello")],
            whatsApp.Delivered);
    }

    [Fact]
    public async Task A_reply_that_is_sent_again_may_fail_again()
    {
        await AskAsync(WhatsAppStandIn.Text("wamid.A=", "ann"));
        await app.DeliverAsync(DeadLetterTools.CopyOf(BotMessages.Received(await FailAsync(131042))));

        var letter = await app.DeliverAsync(await FailAsync(131042, "wamid.G="));

        Assert.Equal("ReplyUndelivered", letter!.Reason);
        Assert.Contains("failed:reply:whatsapp:wamid.F=", await RecordsAsync());
    }

    [Theory]
    [InlineData(131049)]
    [InlineData(131042)]
    public async Task A_failure_that_Meta_tells_twice_is_recorded_and_told_once(int code)
    {
        using var measurements = new Measurements(app);
        await AskAsync(WhatsAppStandIn.Text("wamid.A=", "ann"));
        var first = await FailAsync(code);
        var second = await FailAsync(code);
        await app.DeliverAsync(first);

        Assert.Null(await app.DeliverAsync(second));

        // So that the queue knows the second one too.
        Assert.Equal((Record, Record), (first.MessageId, second.MessageId));
        Assert.Single(measurements.TagsOf(TelemetryNames.BotReplies), "channel=whatsapp, outcome=undelivered");
        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task A_failure_whose_attempt_died_after_the_record_is_a_dead_letter_all_the_same()
    {
        await AskAsync(WhatsAppStandIn.Text("wamid.A=", "ann"));
        var failure = await FailAsync(131042);
        await app.DeliverAsync(failure);

        Assert.Equal("ReplyUndelivered", (await app.DeliverAsync(BotMessages.Received(failure, delivery: 2)))!.Reason);
    }

    [Theory]
    [InlineData("16505551234", false)]
    [InlineData(null, true)]
    public async Task A_reply_that_one_of_a_group_did_not_get_is_not_to_be_sent_to_all_again(string? participant, bool isDeadLettered)
    {
        var message = WhatsAppStandIn.Text("wamid.A=", "ann");
        message["group_id"] = WhatsAppStandIn.Group;
        await AskAsync(message);

        var letter = await app.DeliverAsync(await FailAsync(131042, participant: participant));

        Assert.Equal(isDeadLettered, letter is not null);
        Assert.Contains(Record, await RecordsAsync());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(200)]
    [InlineData(1000)]
    public async Task What_is_asked_goes_with_the_reply_where_it_fits(int length)
    {
        await AskAsync(WhatsAppStandIn.Text("wamid.A=", new string('ü', length - 2) + "\"x"));

        var tag = (string)JsonNode.Parse(whatsApp.Calls[^1].Body)!["biz_opaque_callback_data"]!;
        var letter = await app.DeliverAsync(await FailAsync(131042));

        Assert.InRange(tag.Length, 20, 512);
        Assert.Equal(length < 512, letter is not null);
        Assert.Contains(Record, await RecordsAsync());
        Assert.DoesNotContain("üü", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("order 17")]
    [InlineData("{\"id\":17}")]
    [InlineData("{\"id\":\"order:17\"}")]
    public async Task A_failure_of_what_is_no_reply_of_the_app_is_a_line_of_the_log(string? data)
    {
        var call = new JsonObject { ["to"] = "16505551234", ["biz_opaque_callback_data"] = data };

        Assert.Equal(200, (await PostAsync(WhatsAppStandIn.Failed(call.ToJsonString(), 131049))).Status);

        Assert.Empty(app.Sent.To(QueueNames.Replies));
        Assert.Equal(
            "WhatsApp reports a failure: message wamid.F=, which is no reply of this app, was not delivered: error 131049, Not delivered: It did not arrive.",
            Assert.Single(log.Lines));
    }

    [Fact]
    public async Task A_failure_that_the_queue_does_not_take_is_to_be_told_again()
    {
        await AskAsync(WhatsAppStandIn.Text("wamid.A=", "ann"));
        app.Sent.Failure = new TimeoutException();

        (await PostAsync(WhatsAppStandIn.Failed(whatsApp.Calls[^1].Body, 131049))).Problem(503);
    }

    private async Task AskAsync(JsonObject message)
    {
        await PostAsync(WhatsAppStandIn.Event([message]));
        await app.AnswerAsync(BotMessages.Received(Assert.Single(app.Sent.To(QueueNames.Messages))));
        Assert.Null(await app.DeliverAsync(app.Sent.To(QueueNames.Replies)[^1]));
    }

    // What the webhook puts on the queue when the message that was sent last fails.
    private async Task<ServiceBusMessage> FailAsync(int code, string id = "wamid.F=", string? participant = null)
    {
        Assert.Equal(200, (await PostAsync(WhatsAppStandIn.Failed(whatsApp.Calls[^1].Body, code, id, participant: participant))).Status);
        return app.Sent.To(QueueNames.Replies)[^1];
    }

    private Task<List<string>> RecordsAsync() =>
        app.WithAsync<CommentDbContext, List<string>>(db => db.DeliveredReplies.Select(r => r.Id).ToListAsync());

    private Task<HttpAnswer> PostAsync(string body) => app.SendAsync<WhatsAppWebhook>(
        HttpCalls.Post("/api/channels/whatsapp", body).With("X-Hub-Signature-256", WhatsAppStandIn.Sign(body)), (f, r) => f.RunAsync(r, default));
}

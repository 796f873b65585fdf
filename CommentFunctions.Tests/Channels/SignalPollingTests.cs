using CommentFunctions.Bot;
using CommentFunctions.Channels.Signal;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Tests.Channels;

public sealed class SignalPollingTests() : PollingTests<SignalStandIn, SignalPolling>("signal", "signal-cli-rest-api", "ann-")
{
    protected override Dictionary<string, string?> PollingSettings => Service.PollingSettings;

    [Theory]
    [InlineData("normal")]
    [InlineData("native")]
    public async Task Messages_come_in_by_an_address_and_a_number_alone(string mode)
    {
        Service.Mode = mode;
        Service.Mailbox.Keep(Messages(1, 25));
        await using var app = await StartAsync();
        await TakenAsync(app, 25);
        Service.Mailbox.Keep(SignalStandIn.Received(26, "ann-26", SignalStandIn.PersonOf(26), group: SignalStandIn.Group));
        await TakenAsync(app, 26);

        Assert.Equal(Ids(26), app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.All(Service.Mailbox.HandedOut, batch => Assert.InRange(batch.Count, 1, 10));
        Assert.Equal(
            "?timeout=1&max_messages=10&ignore_attachments=true&ignore_stories=true&ignore_avatars=true&ignore_stickers=true",
            Assert.Single(Service.Receives.Distinct()));
        Assert.Single(Log.Lines);
        Assert.Empty(Told(Log));
        Assert.DoesNotContain(Silent, await ReasonsAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_in_is_read_as_what_is_posted_to_the_webhook()
    {
        Service.Mode = "native";
        var rows = SignalPayloads.In("Received").ToList();
        Service.Mailbox.Keep(rows.Select(row => SignalPayloads.Read(row.File)));
        Service.Mailbox.Keep(SignalStandIn.Received(1, "ann-1", SignalStandIn.PersonOf(1)));
        await using var app = await StartAsync(new() { ["Channels:Signal:WebhookSecret"] = SignalStandIn.Secret });
        await Wait.UntilAsync("the last one is there", () => app.Sent.To(QueueNames.Messages).Any(message => message.MessageId == Ids(1).Single()));

        var polled = app.Sent.To(QueueNames.Messages);
        Assert.Equal(rows.Count(row => row.Does == "a warning"), Told(Log).Count);
        foreach (var (file, _, _) in rows)
        {
            var answer = await app.SendAsync<SignalWebhook>(
                HttpCalls.Post($"/api/channels/signal?secret={SignalStandIn.Secret}", SignalPayloads.Read(file)), (f, r) => f.RunAsync(r, default));
            Assert.Equal(200, answer.Status);
        }

        // The same ids, by which the queue knows repeats, and the same conversations.
        Assert.Equal(polled.SkipLast(1).Select(Asked), app.Sent.To(QueueNames.Messages).Skip(polled.Count).Select(Asked));

        static (string Id, string Conversation, string Text) Asked(Azure.Messaging.ServiceBus.ServiceBusMessage message)
        {
            var told = message.Body.ToObjectFromJson<BotMessage>(ApiJson.Reading)!;
            return (message.MessageId, told.Conversation, told.Text);
        }
    }

    [Fact]
    public async Task What_signal_cli_received_before_it_failed_is_answered_and_nobody_reads_it_in_the_log()
    {
        Service.Mode = "normal";
        var failures = 1;
        Service.Output = received => received.Count > 0 && failures-- > 0
            ? (400, new { error = $"WARN  Pipe - slow\n{string.Join('\n', received)}\nError while receiving messages: rate of nothing\n" })
            : null;
        Service.Mailbox.Keep(Messages(1, 4));
        await using var app = await StartAsync();
        await TakenAsync(app, 4);
        await Wait.UntilAsync("it is over", () => Told(Log).Contains(Again));

        Assert.Equal(Ids(4), app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.StartsWith(
            "No messages come in from signal-cli-rest-api: signal answered 400: Error while receiving messages: rate of nothing. The app goes on asking.",
            Told(Log)[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_among_other_lines_is_answered()
    {
        Service.Mode = "normal";
        // The lines of the output, whatever they are, with commas between them.
        Service.Output = received => (200, $"[ERROR Manager - {{0}} failed,{string.Join(',', received)},\tat org.asamk.{{,{{\"other\":1}}]");
        Service.Mailbox.Keep([.. Messages(1, 2), SignalStandIn.Received(3, "ann-3").Replace("\"timestamp\":3,", "\"timestamp\":[],", StringComparison.Ordinal)]);
        await using var app = await StartAsync();
        await TakenAsync(app, 2);
        await Wait.UntilAsync("the last one is told", () => Told(Log).Count > 0);

        Assert.Equal(Ids(2), app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.Contains("Something that came in from signal-cli-rest-api cannot be read and is left out.", Told(Log));
    }

    [Fact]
    public async Task An_answer_of_several_megabytes_is_not_lost()
    {
        Service.Mode = "native";
        Service.Mailbox.Keep(Enumerable.Range(1, 10).Select(id => SignalStandIn.Received(id, new string('x', 400_000), SignalStandIn.PersonOf(id))));
        await using var app = await StartAsync();
        await TakenAsync(app, 10);

        Assert.Equal(Ids(10), app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.Empty(Told(Log));
    }

    [Fact]
    public async Task Nothing_more_is_asked_for_while_the_queue_does_not_take_what_came()
    {
        Service.Mode = "native";
        await using var app = await StartAsync();
        app.Sent.Failure = new IOException("The disk is full.");
        Service.Mailbox.Keep(Messages(1, 15));
        await Wait.UntilAsync("it is told", () => Told(Log).Count > 0);
        var asked = Service.Receives.Count;
        await Task.Delay(2_000);

        Assert.Equal(asked, Service.Receives.Count);
        Assert.Equal(5, Service.Mailbox.Waiting);
        Assert.Contains(Silent, await ReasonsAsync(app), StringComparison.Ordinal);

        app.Sent.Failure = null;
        await TakenAsync(app, 15);
        await Wait.UntilAsync("it is over", () => Told(Log).Contains(Again));
        Assert.Equal(Ids(15), app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.Equal(2, Told(Log).Count);
        Assert.StartsWith("The queue does not take what comes in from signal-cli-rest-api. The app keeps it in memory", Told(Log)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_that_the_queue_never_takes_are_counted_at_the_end()
    {
        Service.Mode = "native";
        await using (var app = await StartAsync())
        {
            app.Sent.Failure = new IOException("The disk is full.");
            Service.Mailbox.Keep(Messages(1, 3));
            await Wait.UntilAsync("it is told", () => Told(Log).Count > 0);
        }

        Assert.Equal("The app ends, and the queue did not take 3 messages that came in from signal-cli-rest-api. They are lost.", Told(Log)[^1]);
    }

    [Fact]
    public async Task A_stop_waits_for_what_is_being_handed_out()
    {
        Service.Mode = "normal";
        Service.ReceiveGate.IsOpen = false;
        Service.Mailbox.Keep(Messages(1, 3));
        var app = await StartAsync();
        await Wait.UntilAsync("the messages are on their way", () => Service.ReceiveGate.Waiting == 1);

        var sent = app.Sent;
        var ending = app.DisposeAsync().AsTask();
        await Task.Delay(300);
        Assert.False(ending.IsCompleted);
        Service.ReceiveGate.IsOpen = true;
        await ending;

        Assert.Equal(Ids(3), sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.Single(Service.Receives);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_an_answer_that_does_not_come()
    {
        Service.Mode = "normal";
        Service.ReceiveGate.IsOpen = false;
        await using (await StartAsync(new() { ["Channels:Signal:Timeout"] = "00:00:00.5" }))
        {
            await Wait.UntilAsync("it is asked", () => Service.ReceiveGate.Waiting == 1);
        }

        Assert.Equal(1, Service.ReceiveGate.Waiting);
        Assert.StartsWith("The app ends, and signal-cli-rest-api has not answered yet.", Assert.Single(Told(Log)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_lets_no_call_begin_that_waits_for_its_turn()
    {
        Service.Mode = "normal";
        await using var app = await StartAsync();
        await Wait.UntilAsync("it is asked", () => Service.Receives.Count > 0);
        Service.Gate.IsOpen = false;
        var reply = new BotReply(new("signal", SignalStandIn.Person, SignalStandIn.Person, "ann", app.Clock.Now), "signal:1", "ann", "No comments found for user ann");
        var sending = app.DeliverAsync(QueueJson.Write(reply.Id, reply));
        await Wait.UntilAsync("the reply has its turn", () => Service.Gate.Waiting == 1);
        var asked = Service.Receives.Count;
        Service.Mailbox.Keep(Messages(1, 1));
        // Longer than it pauses, so that it waits.
        await Task.Delay(3_000);
        app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Service.Gate.IsOpen = true;
        await sending;
        await Task.Delay(300);

        Assert.Equal(asked, Service.Receives.Count);
        Assert.Equal(1, Service.Mailbox.Waiting);
        Assert.Empty(Told(Log));
    }

    [Fact]
    public async Task Replies_and_polls_wait_for_one_another_where_signal_cli_does_one_thing_at_a_time()
    {
        Service.Mode = "normal";
        Service.Takes = TimeSpan.FromMilliseconds(50);
        await using var app = await StartAsync(new() { ["Channels:Signal:MessagesPerSecond"] = "1000" });
        await Wait.UntilAsync("it is asked", () => Service.Receives.Count > 0);
        Service.Mailbox.Keep(Messages(1, 12));
        await TakenAsync(app, 12);
        foreach (var message in app.Sent.To(QueueNames.Messages))
        {
            Assert.Null(await app.AnswerAsync(BotMessages.Received(message)));
        }

        await Task.WhenAll(app.Sent.To(QueueNames.Replies).Select(reply => app.DeliverAsync(reply)));

        Assert.Equal(12, Service.Delivered.Count);
        Assert.Equal(1, Service.MostAtOnce);
    }

    [Theory]
    [InlineData(400, """{"error":"User +431212131491291 is not registered.\n"}""", "signal answered 400: User +431212131491291 is not registered. ")]
    [InlineData(400, """{"error":"INFO  SignalAccount - Config file is in use by another instance, waiting…\nError while checking account\n"}""", "signal answered 400: Error while checking account. ")]
    [InlineData(400, """{"error":"process killed as timeout reached"}""", "signal answered 400: process killed as timeout reached. ")]
    [InlineData(500, "", "signal answered 500. ")]
    [InlineData(502, "<html>nginx</html>", "signal answered 502. ")]
    [InlineData(404, "404 page not found", "signal answered 404. ")]
    [InlineData(200, "<html><style>p {margin: 0}</style>Sign in to this network</html>", "signal answered 200 with something else than what was asked for. ")]
    [InlineData(200, """{"mode":7}""", "signal answered 200 with something else than what was asked for. ")]
    [InlineData(200, """{"mode":"telepathy"}""", "signal runs in the mode telepathy, which the app does not know. ")]
    public async Task A_failure_at_the_start_or_in_the_middle_is_told_once_until_it_is_over(int status, string body, string why)
    {
        Service.Mode = "native";
        var troubles = 2;
        Service.PollRefusal = () => Interlocked.Decrement(ref troubles) >= 0 ? (status, body) : null;
        Service.Mailbox.Keep(Messages(1, 1));
        await using var app = await StartAsync();
        await TakenAsync(app, 1);
        await Wait.UntilAsync("it is over", () => Told(Log).Contains(Again));
        var calls = Service.Receives.Count;
        Interlocked.Exchange(ref troubles, 2);
        Service.Mailbox.Keep(Messages(2, 2));
        await TakenAsync(app, 2);
        await Wait.UntilAsync("it is over again", () => Told(Log).Count(line => line == Again) == 2);

        Assert.True(Service.Receives.Count > calls);
        Assert.Equal(4, Told(Log).Count);
        Assert.StartsWith("No messages come in from signal-cli-rest-api: " + why, Told(Log)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_cli_rest_api_that_cannot_be_reached_is_told_once_and_by_health()
    {
        await using var app = await StartAsync(settings: new() { ["Channels:Signal:ApiAddress"] = "http://127.0.0.1:1" });
        await Wait.UntilAsync("it is told", () => Told(Log).Count > 0);

        Assert.StartsWith("No messages come in from signal-cli-rest-api: The call of signal failed: ConnectionError.", Assert.Single(Told(Log)), StringComparison.Ordinal);
        Assert.Contains(Silent, await ReasonsAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_that_polls_lets_no_call_of_a_webhook_in()
    {
        Service.Mode = "native";
        await using var app = await StartAsync();

        // Nobody knows a secret that is not set.
        (await app.SendAsync<SignalWebhook>(
            HttpCalls.Post("/api/channels/signal?secret=", SignalStandIn.Received(1, "ann-1", SignalStandIn.PersonOf(1))), (f, r) => f.RunAsync(r, default))).Problem(401);
    }

    private static IEnumerable<string> Messages(int from, int to) =>
        Enumerable.Range(from, to - from + 1).Select(id => SignalStandIn.Received(id, $"ann-{id}", SignalStandIn.PersonOf(id)));

    private static IEnumerable<string> Ids(int count) => Enumerable.Range(1, count).Select(id => $"signal:{SignalStandIn.PersonOf(id)}:{id}");
}

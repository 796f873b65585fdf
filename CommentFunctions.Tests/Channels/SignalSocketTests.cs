using CommentFunctions.Channels.Signal;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Channels;

/// <summary>Polling signal-cli-rest-api in json-rpc mode, where it writes to a WebSocket.</summary>
public sealed class SignalSocketTests() : PollingTests<SignalStandIn, SignalPolling>("signal", "signal-cli-rest-api", "ann-")
{
    protected override Dictionary<string, string?> PollingSettings => Service.PollingSettings;

    [Fact]
    public async Task Messages_come_in_while_the_app_is_connected_and_the_log_says_that_others_are_lost()
    {
        await Service.Sockets.ReceiveAsync(Message(1));
        await using var app = await ConnectedAsync();
        await Service.Sockets.ReceiveAsync(
            Message(2),
            SignalStandIn.Envelope(3, "typingMessage", new() { ["action"] = "STARTED" }),
            SignalStandIn.Received(4, new string('x', 2_000_000), SignalStandIn.PersonOf(4)),
            SignalStandIn.Received(5, "ann-5", SignalStandIn.PersonOf(5), account: "+4312345"),
            Message(2),
            Message(6));
        await TakenAsync(app, 4);

        Assert.Equal([Id(2), Id(4), Id(2), Id(6)], app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.Equal(1, Service.Sockets.Dropped);
        Assert.StartsWith("signal-cli-rest-api runs in json-rpc mode:", Assert.Single(Told(Log)), StringComparison.Ordinal);
        Assert.DoesNotContain(Silent, await ReasonsAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_keeps_nothing_back()
    {
        await using var app = await ConnectedAsync();
        foreach (var text in new[] { "<html>", "{\"error\":\"ann-0\"}", "{\"envelope\":7}", "[]" })
        {
            await Service.Sockets.WriteAsync(text);
        }

        await Service.Sockets.ReceiveAsync(Message(1));
        await TakenAsync(app, 1);

        Assert.Equal(1, Service.Sockets.Opened);
        Assert.Equal(4, Told(Log).Count(line => line == "Something that came in from signal-cli-rest-api cannot be read and is left out."));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_ends_is_told_and_opened_again(bool isBroken)
    {
        await using var app = await ConnectedAsync();
        if (isBroken)
        {
            Service.Sockets.Abort();
        }
        else
        {
            await Service.Sockets.CloseAsync();
        }

        await Wait.UntilAsync("it is opened again", () => Service.Sockets is { Opened: 2, Count: 1 });
        Assert.Contains(Silent, await ReasonsAsync(app), StringComparison.Ordinal);
        await Service.Sockets.ReceiveAsync(Message(1));
        await TakenAsync(app, 1);
        await Wait.UntilAsync("it is over", () => Told(Log).Contains(Again));

        Assert.Equal(3, Told(Log).Count);
        Assert.StartsWith("signal-cli-rest-api closed the connection:", Told(Log)[1], StringComparison.Ordinal);
        Assert.DoesNotContain(Silent, await ReasonsAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_closes_each_connection_at_once_is_told_once_and_asked_less_and_less()
    {
        Service.Sockets.IsClosing = true;
        await using var app = await StartAsync();
        await Wait.UntilAsync("it is opened again and again", () => Service.Sockets.Opened == 4);

        Assert.Equal(2, Told(Log).Count);
        Assert.Contains(Silent, await ReasonsAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_that_is_not_there_is_told()
    {
        Service.Accounts = ["+4312345"];
        await using var app = await StartAsync();
        await Wait.UntilAsync("it is told", () => Told(Log).Count == 2);

        Assert.StartsWith(
            "No messages come in from signal-cli-rest-api: signal has no account with this number. The app goes on asking. If it stays so, check Channels:Signal:ApiAddress, Channels:Signal:Number",
            Told(Log)[1],
            StringComparison.Ordinal);
        Service.Accounts = ["+4312345", SignalStandIn.Number];
        await Wait.UntilAsync("it is over", () => Told(Log).Contains(Again));
    }

    [Fact]
    public async Task The_connection_stays_while_the_queue_does_not_take_what_comes()
    {
        await using var app = await ConnectedAsync();
        app.Sent.Failure = new IOException("The disk is full.");
        await Service.Sockets.ReceiveAsync(Enumerable.Range(1, 20).Select(Message));
        await Wait.UntilAsync("it is told", () => Told(Log).Count == 2);
        app.Sent.Failure = null;
        await TakenAsync(app, 20);

        Assert.Equal(Enumerable.Range(1, 20).Select(Id), app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.Equal((1, 0), (Service.Sockets.Opened, Service.Sockets.Dropped));
    }

    [Fact]
    public async Task A_stop_closes_the_connection_and_takes_what_is_on_its_way()
    {
        Service.Sockets.LastWords = Message(1);
        var app = await ConnectedAsync();
        var sent = app.Sent;
        await app.DisposeAsync();

        Assert.Equal([Id(1)], sent.To(QueueNames.Messages).Select(message => message.MessageId));
        Assert.Equal((1, 1, 0), (Service.Sockets.Opened, Service.Sockets.Closed, Service.Sockets.Count));
    }

    [Fact]
    public async Task A_service_that_is_started_anew_in_another_mode_is_polled_as_that_wants()
    {
        await using var app = await ConnectedAsync();
        Service.Mode = "native";
        Service.Mailbox.Keep(Message(1));
        await Service.Sockets.CloseAsync();

        await TakenAsync(app, 1);
        Assert.Equal([Id(1)], app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
    }

    [Theory]
    [InlineData("json-rpc")]
    [InlineData("native")]
    public async Task A_service_that_was_away_is_asked_again(string mode)
    {
        Service.Mode = mode;
        using var way = new TcpProxy("127.0.0.1", new Uri(Service.Address).Port);
        await using var app = await StartAsync(new() { ["Channels:Signal:ApiAddress"] = $"http://127.0.0.1:{way.Port}" });
        await Wait.UntilAsync("messages come in", () => Service.Receives.Count + Service.Sockets.Count > 0);
        way.Cut();
        await Wait.UntilAsync("it is told", () => Told(Log).Any(line => line.StartsWith("No messages come in from", StringComparison.Ordinal)));
        await Wait.UntilAsync("what was on its way has ended", () => Service.Running + Service.Sockets.Count == 0);
        Service.Mailbox.Keep(Message(1));
        way.Mend();
        await Wait.UntilAsync("it is over", () => Told(Log).Contains(Again));
        await Service.Sockets.ReceiveAsync(Message(1));

        await TakenAsync(app, 1);
        Assert.Equal([Id(1)], app.Sent.To(QueueNames.Messages).Select(message => message.MessageId));
    }

    private static string Message(int id) => SignalStandIn.Received(id, $"ann-{id}", SignalStandIn.PersonOf(id));

    private static string Id(int id) => $"signal:{SignalStandIn.PersonOf(id)}:{id}";

    private async Task<TestApp> ConnectedAsync()
    {
        var app = await StartAsync();
        await Wait.UntilAsync("it is connected", () => Service.Sockets.Count == 1);
        return app;
    }
}

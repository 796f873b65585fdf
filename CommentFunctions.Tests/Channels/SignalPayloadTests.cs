using CommentFunctions.Bot;
using CommentFunctions.Channels.Signal;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Channels;

/// <summary>What becomes of everything that signal-cli-rest-api posts and answers.</summary>
public class SignalPayloadTests
{
    private const string ToGroup = "group.bUhOMWtpWGdNWHBLejVBaDJsMTEwTkxRSHpJcllhRnVDM2MzbXpwU29hRT0=";
    private const string Captcha = "9f1d7a3c-2a64-4f1e-9f0b-6f2f5b0f6a77";

    public static IEnumerable<object[]> Answers => SignalPayloads.In("Sent").Select(row => new object[] { row.File, row.Does });

    [Fact]
    public void Each_payload_has_a_source()
    {
        Assert.Equal(SignalPayloads.Files.Order(StringComparer.Ordinal), SignalPayloads.Rows.Select(row => row.File).Order(StringComparer.Ordinal));
        Assert.All(SignalPayloads.Rows, row => Assert.Matches("^https://github\\.com/(AsamK/signal-cli|bbernhard/signal-cli-rest-api)/", row.Source));
    }

    [Fact]
    public async Task Each_notification_is_taken_and_texts_to_the_bot_are_answered()
    {
        await using var signal = await StandIn.StartAsync<SignalStandIn>();
        var log = new LogLines(typeof(SignalWebhook).FullName!);
        await using var app = await TestApp.StartAsync(signal.Settings, log: log);
        List<(string File, int Status, string Does)> done = [];

        foreach (var (file, _, _) in SignalPayloads.In("Received"))
        {
            var (messages, lines) = (app.Sent.To(QueueNames.Messages).Count, log.Lines.Count);
            var answer = await app.SendAsync<SignalWebhook>(
                HttpCalls.Post($"/api/channels/signal?secret={SignalStandIn.Secret}", SignalPayloads.Read(file)), (f, r) => f.RunAsync(r, default));
            var does = app.Sent.To(QueueNames.Messages).Skip(messages).Select(m => Told(m.Body.ToObjectFromJson<BotMessage>(ApiJson.Reading)!))
                .Concat(log.Lines.Skip(lines).Select(_ => "a warning"));
            done.Add((file, answer.Status, string.Join(", ", does) is { Length: > 0 } told ? told : "nothing"));
        }

        Assert.Equal(SignalPayloads.In("Received").Select(row => (row.File, 200, row.Does)), done);
        Assert.Contains(log.Lines, line => line.Contains("(UntrustedIdentityException)", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains("+43660", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Each_answer_has_its_consequence(string file, string does)
    {
        await using var signal = await StandIn.StartAsync<SignalStandIn>();
        var (status, body) = SignalPayloads.Answer(file);
        signal.Plan(SignalStandIn.Answer(status, body));
        var log = new LogLines(typeof(SignalChannel).FullName!);
        using var app = ChannelApp.Start(log, signal.Settings);

        var failure = await Record.ExceptionAsync(() => app.SendAsync(SignalStandIn.Person));
        var calls = signal.Calls.Count;
        var next = await Record.ExceptionAsync(() => app.SendAsync(SignalStandIn.Person));
        var other = await Record.ExceptionAsync(() => app.SendAsync(ToGroup));

        Assert.Equal(does, (failure, next, other) switch
        {
            (null, null, null) when calls == 2 => "passes",
            (null, null, null) when log.Lines.Count == 1 => "sent in part",
            (null, null, null) => "sent",
            (PermanentChannelException { Reason: "ChannelRefused" }, null, null) => "refused",
            (TransientChannelException { MayBeFinal: true, RetryAfter: null }, null, null) => "may be final",
            (TransientChannelException { MayBeFinal: false }, TransientChannelException, null) => "left alone",
            (TransientChannelException { MayBeFinal: false }, TransientChannelException, TransientChannelException) => "left alone with all",
            _ => $"{failure} {next} {other}",
        });
        Assert.Equal(does == "passes" ? 2 : 1, calls);
        // What was left alone was not called.
        Assert.Equal(calls + new[] { next, other }.Count(e => e is null), signal.Calls.Count);
        Assert.All(log.Lines, line => Assert.Contains("2 of its members do not get it: IDENTITY_FAILURE, UNREGISTERED_FAILURE.", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_captcha_is_told_with_its_token_to_whoever_waits_for_it()
    {
        await using var signal = await StandIn.StartAsync<SignalStandIn>();
        signal.Plan(new Trouble(TroubleKind.TooMany, Text: Captcha));
        using var app = ChannelApp.Start(signal.Settings);

        var first = await Assert.ThrowsAsync<TransientChannelException>(() => app.SendAsync(SignalStandIn.Person));
        app.Clock.Advance(TimeSpan.FromHours(1));
        var second = await Assert.ThrowsAsync<TransientChannelException>(() => app.SendAsync(ToGroup));

        Assert.StartsWith($"signal answered 429: a captcha is wanted, challenge_tokens {Captcha}: ", first.Message, StringComparison.Ordinal);
        Assert.EndsWith("/v1/accounts/{number}/rate-limit-challenge.", first.Message, StringComparison.Ordinal);
        Assert.Equal(first.Message, second.Message);
        Assert.Equal(TimeSpan.FromHours(2), first.RetryAfter);
        Assert.InRange(second.RetryAfter!.Value.TotalHours, 0.9, 1);
        Assert.Single(signal.Calls);

        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.SendAsync(SignalStandIn.Person);
        Assert.Single(signal.Delivered);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(404)]
    [InlineData(413)]
    [InlineData(502)]
    public async Task What_is_not_of_signal_cli_rest_api_is_no_refusal(int status)
    {
        await using var signal = await StandIn.StartAsync<SignalStandIn>();
        signal.Plan(new Trouble(TroubleKind.Failure, Status: status));
        using var app = ChannelApp.Start(signal.Settings);

        await app.SendAsync(SignalStandIn.Person);

        Assert.Single(signal.Delivered);
    }

    private static string Told(BotMessage message) => $"answers `{message.Text}` to the " + message.Conversation switch
    {
        SignalStandIn.Person => "person",
        ToGroup => "group",
        var number when number == message.Sender && number[0] == '+' => "number",
        var other => other,
    };
}

using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.DeadLetters;
using CommentFunctions.Health;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Channels;

/// <summary>What becomes of a reply that its channel does not take.</summary>
public sealed class ReplyRetryTests : ChannelsTests
{
    [Fact]
    public async Task A_refused_reply_is_dead_lettered_at_once_with_the_reason()
    {
        Telegram.Plan(new Trouble(TroubleKind.Refuse, Status: 403, Text: "Forbidden: bot was blocked by the user"));

        var letter = await App.DeliverAsync(Reply());

        Assert.Equal(new DeadLetter("ChannelRefused", "telegram answered 403: Forbidden: bot was blocked by the user."), letter);
        Assert.Empty(App.Sent.To(QueueNames.Replies));
    }

    [Fact]
    public async Task A_reply_that_has_to_wait_is_sent_again_for_later_under_an_id_of_its_own()
    {
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 120));

        Assert.Null(await App.DeliverAsync(Reply()));

        var copy = Assert.Single(App.Sent.To(QueueNames.Replies));
        Assert.Equal(("reply:telegram:1:again:1", 1), (copy.MessageId, copy.ApplicationProperties["postponed"]));
        Assert.InRange((copy.ScheduledEnqueueTime - App.Clock.Now).TotalSeconds, 120, 150);
        Assert.Equal("reply:telegram:1", copy.Body.ToObjectFromJson<BotReply>(ApiJson.Reading)!.Id);
    }

    [Fact]
    public async Task The_copy_is_delivered_and_neither_it_nor_the_first_one_is_delivered_again()
    {
        var first = Reply();
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 120));
        await App.DeliverAsync(first);
        // The service has named a wait; only another process knows nothing of it.
        await using var later = await TestApp.StartAsync(Telegram.Settings);
        var copy = App.Sent.To(QueueNames.Replies)[0];

        await later.DeliverAsync(copy);
        await later.DeliverAsync(copy);
        await later.DeliverAsync(first);

        Assert.Single(Telegram.Delivered);
    }

    [Fact]
    public async Task The_attempts_of_a_replayed_dead_letter_are_not_taken_for_those_before_it()
    {
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 120), new Trouble(TroubleKind.TooMany, Wait: 120));
        var replayed = DeadLetterTools.CopyOf(BotMessages.Received(Reply()));

        Assert.Null(await App.DeliverAsync(replayed));
        var second = Assert.Single(App.Sent.To(QueueNames.Replies));
        Assert.Null(await App.DeliverAsync(second));

        Assert.NotEqual("reply:telegram:1:again:1", second.MessageId);
        Assert.Equal(
            [$"{replayed.MessageId}:again:1", $"{replayed.MessageId}:again:2"], App.Sent.To(QueueNames.Replies).Select(m => m.MessageId));
    }

    [Theory]
    [InlineData(0, 29, 37)]
    [InlineData(5, 32, 40)]
    [InlineData(8, 256, 320)]
    [InlineData(100, 300, 375)]
    public async Task Each_pause_is_twice_the_one_before_or_what_the_service_asks_for(int postponed, int least, int most)
    {
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 29));

        Assert.Null(await App.DeliverAsync(Reply(postponed)));

        var copy = Assert.Single(App.Sent.To(QueueNames.Replies));
        Assert.Equal($"reply:telegram:1:again:{postponed + 1}", copy.MessageId);
        Assert.InRange((copy.ScheduledEnqueueTime - App.Clock.Now).TotalSeconds, least, most);
    }

    [Theory]
    [InlineData(86_400 - 40, 29, false)]
    [InlineData(86_400 - 28, 29, true)]
    [InlineData(0, 90_000, true)]
    public async Task A_reply_that_would_come_after_a_day_is_dead_lettered(int age, int wait, bool givenUp)
    {
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: wait));
        var reply = Reply();
        reply.ApplicationProperties["accepted-at"] = App.Clock.Now - TimeSpan.FromSeconds(age);

        var letter = await App.DeliverAsync(reply);

        Assert.Equal(givenUp ? 0 : 1, App.Sent.To(QueueNames.Replies).Count);
        Assert.Equal(
            givenUp ? new DeadLetter("Unavailable", $"Not done within a day of its arrival; the last failure: telegram answered 429: Too Many Requests: retry after {wait}.") : null,
            letter);
    }

    [Fact]
    public async Task A_Signal_reply_that_waited_for_a_captcha_for_a_day_says_so_in_its_dead_letter()
    {
        const string Token = "9f1d7a3c-2a64-4f1e-9f0b-6f2f5b0f6a77";
        Channels.Signal.Plan(new Trouble(TroubleKind.TooMany, Text: Token));
        var reply = new BotReply(new("signal", SignalStandIn.Person, SignalStandIn.Person, "ann", App.Clock.Now), "signal:1", "ann", "No comments found for user ann");
        var (first, last) = (QueueJson.Write(reply.Id, reply), QueueJson.Write(reply.Id, reply));
        last.ApplicationProperties["accepted-at"] = App.Clock.Now - TimeSpan.FromHours(23);

        Assert.Null(await App.DeliverAsync(first));
        Assert.InRange((Assert.Single(App.Sent.To(QueueNames.Replies)).ScheduledEnqueueTime - App.Clock.Now).TotalHours, 2, 2.5);
        var letter = await App.DeliverAsync(last);

        Assert.Equal("Unavailable", letter!.Reason);
        Assert.Contains($"the last failure: signal answered 429: a captcha is wanted, challenge_tokens {Token}: ", letter.Description, StringComparison.Ordinal);
        Assert.Single(Channels.Signal.Calls);
    }

    [Theory]
    [InlineData("telegram", "1111111", "Channels:Telegram:BotToken")]
    [InlineData("whatsapp", "16505551234", "Channels:WhatsApp:AccessToken")]
    [InlineData("signal", SignalStandIn.Person, "Channels:Signal:ApiAddress")]
    public async Task Health_names_a_channel_whose_service_refuses_the_token_from_the_first_time_until_a_reply_gets_through(
        string channel, string conversation, string setting)
    {
        StandIn service = channel switch { "telegram" => Telegram, "whatsapp" => Channels.WhatsApp, _ => Channels.Signal };
        service.Next = () => new Trouble(TroubleKind.Failure, Status: 401);

        var delivering = App.DeliverAsync(Reply(channel, conversation));
        await Wait.UntilAsync("health knows", async () => (await HealthAsync()).Reasons.Contains(
            $"Replies of the channel {channel} are not taken: its service refuses the app's credentials. Correct {setting}; they wait for a day."));
        service.Next = () => Trouble.None;

        Assert.Null(await delivering);
        Assert.Single(service.Delivered);
        Assert.Equal(HealthState.Healthy, (await HealthAsync()).Status);
    }

    [Fact]
    public async Task Health_names_a_channel_whose_service_fails_until_a_reply_gets_through_or_is_refused_for_itself()
    {
        // The wait that it names ends the attempts.
        var away = new Trouble(TroubleKind.Failure, Status: 503, RetryAfter: "120");
        Telegram.Plan(away, Trouble.None, away, new Trouble(TroubleKind.Refuse));

        foreach (var (failing, other) in new[] { ("1", "2"), ("3", "4") })
        {
            await App.DeliverAsync(Reply("telegram", failing));
            var report = await HealthAsync();
            await App.DeliverAsync(Reply("telegram", other));

            Assert.Equal(HealthState.Degraded, report.Status);
            Assert.StartsWith("Replies of the channel telegram do not get through: its service cannot be reached", Assert.Single(report.Reasons), StringComparison.Ordinal);
            Assert.Equal(HealthState.Healthy, (await HealthAsync()).Status);
        }
    }

    [Fact]
    public async Task Health_says_nothing_of_a_service_that_has_too_many_messages_for_now()
    {
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 120));

        await App.DeliverAsync(Reply());

        Assert.Single(App.Sent.To(QueueNames.Replies));
        Assert.Equal(HealthState.Healthy, (await HealthAsync()).Status);
    }

    private Task<HealthReport> HealthAsync() => App.WithAsync<HealthReporter, HealthReport>(reporter => reporter.ReportAsync(CancellationToken.None));

    private ServiceBusMessage Reply(string channel, string conversation)
    {
        var reply = new BotReply(
            new(channel, conversation, conversation, "ann", App.Clock.Now, App.Clock.Now), $"{channel}:{conversation}", "ann", "No comments found for user ann");
        return QueueJson.Write(reply.Id, reply);
    }

    private ServiceBusMessage Reply(int? postponed = null)
    {
        var reply = new BotReply(new("telegram", "1111111", "1111111", "ann", App.Clock.Now, App.Clock.Now, "1365"), "telegram:1", "ann", "No comments found for user ann");
        var message = QueueJson.Write(reply.Id, reply);
        if (postponed is { } number)
        {
            message.MessageId += number > 0 ? $":again:{number}" : "";
            message.ApplicationProperties["postponed"] = number;
        }

        return message;
    }
}

using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.DeadLetters;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
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

using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.DeadLetters;
using CommentFunctions.Http;
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
        Assert.Empty(App.Sent.To(BotQueues.Replies));
    }

    [Fact]
    public async Task A_reply_that_has_to_wait_is_sent_again_for_later_with_its_attempt_and_an_id_of_its_own()
    {
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 120));

        Assert.Null(await App.DeliverAsync(Reply()));

        var copy = Assert.Single(App.Sent.To(BotQueues.Replies));
        Assert.Equal(("reply:telegram:1:attempt:2", 2), (copy.MessageId, copy.ApplicationProperties["attempt"]));
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
        var copy = App.Sent.To(BotQueues.Replies)[0];

        await later.DeliverAsync(copy);
        await later.DeliverAsync(copy);
        await later.DeliverAsync(first);

        Assert.Single(Telegram.Delivered);
    }

    [Fact]
    public async Task The_attempts_of_a_replayed_dead_letter_are_not_taken_for_those_before_it()
    {
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 120), new Trouble(TroubleKind.TooMany, Wait: 120));
        var replayed = Replay.Of(BotMessages.Received(Reply()));

        Assert.Null(await App.DeliverAsync(replayed));
        var second = Assert.Single(App.Sent.To(BotQueues.Replies));
        Assert.Null(await App.DeliverAsync(second));

        Assert.NotEqual("reply:telegram:1:attempt:2", second.MessageId);
        Assert.Equal(
            [$"{replayed.MessageId}:attempt:2", $"{replayed.MessageId}:attempt:3"], App.Sent.To(BotQueues.Replies).Select(m => m.MessageId));
    }

    [Theory]
    [InlineData(1, 30, 38)]
    [InlineData(2, 60, 75)]
    [InlineData(5, 480, 600)]
    [InlineData(9, 3600, 4500)]
    public async Task Each_attempt_is_later_than_the_one_before(int attempt, int least, int most)
    {
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 29));

        Assert.Null(await App.DeliverAsync(Reply(attempt)));

        var copy = Assert.Single(App.Sent.To(BotQueues.Replies));
        Assert.Equal($"reply:telegram:1:attempt:{attempt + 1}", copy.MessageId);
        Assert.InRange((copy.ScheduledEnqueueTime - App.Clock.Now).TotalSeconds, least, most);
    }

    [Theory]
    [InlineData(10, 29)]
    [InlineData(1, 90_000)]
    public async Task After_the_last_attempt_or_for_a_wait_of_days_a_reply_is_dead_lettered(int attempt, int wait)
    {
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: wait));

        var letter = await App.DeliverAsync(Reply(attempt));

        Assert.Equal("ChannelUnavailable", letter?.Reason);
        Assert.Equal($"Not delivered at attempt {attempt}, the last one: telegram answered 429: Too Many Requests: retry after {wait}.", letter!.Description);
        Assert.Empty(App.Sent.To(BotQueues.Replies));
    }

    [Fact]
    public async Task A_reply_that_cannot_be_sent_to_the_queue_again_is_left_to_the_broker()
    {
        Telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 120));
        App.Sent.Failure = new TimeoutException();

        await Assert.ThrowsAsync<TimeoutException>(() => App.DeliverAsync(Reply()));
    }

    private ServiceBusMessage Reply(int? attempt = null)
    {
        var reply = new BotReply(new("telegram", "1111111", "1111111", "ann", App.Clock.Now, App.Clock.Now, "1365"), "telegram:1", "ann", "No comments found for user ann");
        var message = QueueJson.Write(reply.Id, reply);
        if (attempt is { } number)
        {
            message.ApplicationProperties["attempt"] = number;
        }

        return message;
    }
}

using CommentFunctions.Bot;
using CommentFunctions.Data;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Bot;

public class DeliverBotReplyTests
{
    [Fact]
    public async Task A_reply_that_comes_again_is_delivered_once()
    {
        await using var app = await TestApp.StartAsync();
        var reply = await app.AnswerAsync("ann");

        await app.DeliverAsync(reply);
        await app.DeliverAsync(reply);

        Assert.Single(await TurnsAsync(app));
    }

    [Fact]
    public async Task A_channel_is_not_asked_to_send_a_reply_again()
    {
        await using var app = await TestApp.StartAsync();
        var channel = new CountingChannel();
        var reply = new BotReply(new("counting", "c", "s", "ann", app.Clock.Now), "counting:1", "ann", "No comments found for user ann");

        await app.WithAsync<ReplyDelivery>(delivery => delivery.DeliverAsync(reply, channel, BotMessages.Attempt(), default));
        await app.WithAsync<ReplyDelivery>(delivery => delivery.DeliverAsync(reply, channel, BotMessages.Attempt(), default));

        Assert.Equal(1, channel.Sent);
    }

    [Fact]
    public async Task A_reply_that_could_not_be_sent_is_sent_when_it_comes_again()
    {
        await using var app = await TestApp.StartAsync();
        var channel = new CountingChannel { Failure = new HttpRequestException() };
        var reply = new BotReply(new("counting", "c", "s", "ann", app.Clock.Now), "counting:1", "ann", "No comments found for user ann");

        await Assert.ThrowsAsync<HttpRequestException>(
            () => app.WithAsync<ReplyDelivery>(delivery => delivery.DeliverAsync(reply, channel, BotMessages.Attempt(), default)));
        channel.Failure = null;
        await app.WithAsync<ReplyDelivery>(delivery => delivery.DeliverAsync(reply, channel, BotMessages.Attempt(), default));

        Assert.Equal(1, channel.Sent);
    }

    [Fact]
    public async Task A_reply_that_comes_several_times_at_once_is_delivered_once()
    {
        await using var app = await TestApp.StartAsync();
        var reply = await app.AnswerAsync("ann");

        var letters = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => app.DeliverAsync(reply))));

        Assert.All(letters, Assert.Null);
        Assert.Single(await TurnsAsync(app));
    }

    [Theory]
    [InlineData(-1, "Last comment for ann was old")]
    [InlineData(0, "No comments found for user ann")]
    [InlineData(1, "No comments found for user ann")]
    public async Task A_quote_that_expired_on_its_way_is_not_delivered(int milliseconds, string delivered)
    {
        await using var app = await TestApp.StartAsync();
        var comment = await app.PostAsync("ann", "old");
        app.Clock.Advance(TimeSpan.FromHours(23));
        var reply = await app.AnswerAsync("ann");

        app.Clock.Now = comment.CreatedAt.AddDays(1).AddMilliseconds(milliseconds);
        await app.DeliverAsync(reply);

        Assert.Equal(delivered, Assert.Single(await TurnsAsync(app)).ReplyText);
    }

    [Fact]
    public async Task A_newer_comment_takes_the_place_of_a_quote_that_expired()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "old");
        app.Clock.Advance(TimeSpan.FromHours(23));
        var reply = await app.AnswerAsync("ann");
        await app.PostAsync("ann", "new");

        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.DeliverAsync(reply);

        Assert.Equal("Last comment for ann was new", Assert.Single(await TurnsAsync(app)).ReplyText);
    }

    [Theory]
    [InlineData("{}", "MalformedMessage")]
    [InlineData("""
        {"message":{"channel":"fax","conversation":"c","sender":"s","text":"ann","receivedAt":"2026-01-15T12:00:00Z"},
        "inReplyTo":"fax:1","userName":"ann","text":"No comments found for user ann"}
        """, "UnknownChannel")]
    public async Task What_can_never_be_delivered_is_dead_lettered(string body, string reason)
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal(reason, (await app.DeliverAsync(BotMessages.Received(body)))?.Reason);
    }

    [Fact]
    public async Task A_delivery_is_known_for_a_day_whatever_the_retention()
    {
        await using var app = await TestApp.StartAsync(new() { ["Comments:Retention"] = "00:00:10" });
        await app.AskAsync("ann");

        app.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMilliseconds(1));
        await app.ExpireAsync();
        Assert.Equal(1, await DeliveriesAsync(app));
        Assert.Empty(await TurnsAsync(app));

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await app.ExpireAsync();
        Assert.Equal(0, await DeliveriesAsync(app));
    }

    private static Task<List<ConversationExchange>> TurnsAsync(TestApp app) =>
        app.WithAsync<CommentDbContext, List<ConversationExchange>>(db => db.ConversationExchanges.ToListAsync());

    private static Task<int> DeliveriesAsync(TestApp app) => app.WithAsync<CommentDbContext, int>(db => db.DeliveredReplies.CountAsync());

    private sealed class CountingChannel : IBotChannel
    {
        public string Name => "counting";

        public int Sent { get; private set; }

        public Exception? Failure { get; set; }

        public Task SendAsync(BotReply reply, CancellationToken cancellationToken)
        {
            if (Failure is not null)
            {
                return Task.FromException(Failure);
            }

            Sent++;
            return Task.CompletedTask;
        }
    }
}

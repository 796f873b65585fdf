using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Data;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Channels;

public class WebChannelTests
{
    [Fact]
    public async Task A_message_is_accepted_once_the_queue_has_it()
    {
        await using var app = await TestApp.StartAsync();

        var answer = await PostAsync(app, """{"conversation": "c-1", "text": " ann "}""");

        var sent = Assert.Single(app.Sent.To(QueueNames.Messages));
        Assert.Equal((202, "/api/bot/conversations/c-1", "c-1"), (answer.Status, answer.Location, answer.Text("conversation")));
        Assert.Equal((sent.MessageId, "application/json"), (answer.Text("id"), sent.ContentType));
        Assert.StartsWith("web:", sent.MessageId, StringComparison.Ordinal);
        Assert.Equal(
            new BotMessage("web", "c-1", "c-1", " ann ", app.Clock.Now), sent.Body.ToObjectFromJson<BotMessage>(ApiJson.Reading));
    }

    [Fact]
    public async Task A_message_that_the_queue_does_not_take_is_not_accepted()
    {
        await using var app = await TestApp.StartAsync();
        app.Sent.Failure = new TimeoutException("at 10.0.0.1");

        var problem = (await PostAsync(app, """{"conversation": "c", "text": "ann"}""")).Problem(503);

        Assert.Contains("Nothing was kept; send it again", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.1", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"conversation": "", "text": "x"}""")]
    [InlineData("""{"conversation": "a b", "text": "x"}""")]
    [InlineData("""{"conversation": "ä", "text": "x"}""")]
    [InlineData("""{"conversation": "c", "text": " "}""")]
    [InlineData("""{"conversation": "c"}""")]
    public async Task What_is_not_allowed_is_refused_and_not_sent(string body)
    {
        await using var app = await TestApp.StartAsync();

        Assert.NotEmpty((await PostAsync(app, body)).Problem(400));
        Assert.Empty(app.Sent.To(QueueNames.Messages));
    }

    [Fact]
    public async Task A_conversation_is_its_messages_and_replies_in_the_order_of_time()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "hers");
        await app.AskAsync("ann", "c", "web:1");
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await app.AskAsync("bob", "c", "web:2");
        await app.AskAsync("ann", "other", "web:3");

        var messages = (await GetAsync(app, "c")).Body.GetProperty("messages").EnumerateArray().ToList();

        Assert.Equal(
            [("web:1", "user", "ann"), ("reply:web:1", "bot", "Last comment for ann was hers"),
             ("web:2", "user", "bob"), ("reply:web:2", "bot", "No comments found for user bob")],
            messages.Select(m => (m.GetProperty("id").GetString()!, m.GetProperty("from").GetString()!, m.GetProperty("text").GetString()!)));
        Assert.Equal("web:2", messages[3].GetProperty("inReplyTo").GetString());
        Assert.False(messages[2].TryGetProperty("inReplyTo", out _));
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(0, 0)]
    public async Task An_exchange_vanishes_with_the_comment_that_it_quotes(int milliseconds, int messages)
    {
        await using var app = await TestApp.StartAsync();
        var comment = await app.PostAsync("ann", "hers");
        app.Clock.Advance(TimeSpan.FromHours(12));
        await app.AskAsync("ann");

        app.Clock.Now = comment.CreatedAt.AddDays(1).AddMilliseconds(milliseconds);
        Assert.Equal(messages, (await GetAsync(app, "c")).Body.GetProperty("messages").GetArrayLength());

        await app.ExpireAsync();
        Assert.Equal(messages / 2, await app.WithAsync<CommentDbContext, int>(db => db.ConversationExchanges.CountAsync()));
    }

    [Fact]
    public async Task A_long_conversation_shows_its_newest_exchanges()
    {
        await using var app = await TestApp.StartAsync();
        for (var i = 0; i < ConversationReader.MaxExchanges + 1; i++)
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await app.AskAsync("bob", "c", $"web:{i}");
        }

        var messages = (await GetAsync(app, "c")).Body.GetProperty("messages");

        Assert.Equal(2 * ConversationReader.MaxExchanges, messages.GetArrayLength());
        Assert.Equal("web:1", messages[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_conversation_that_nobody_began_is_empty()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal(0, (await GetAsync(app, "new")).Body.GetProperty("messages").GetArrayLength());
        Assert.Contains("128", (await GetAsync(app, new string('x', 129))).Problem(400), StringComparison.Ordinal);
    }

    private static Task<HttpAnswer> PostAsync(TestApp app, string body) => app.SendAsync<ConversationsApi>(
        HttpCalls.Post("/api/bot/messages", body), (function, request) => function.PostAsync(request, default));

    private static Task<HttpAnswer> GetAsync(TestApp app, string conversation) => app.SendAsync<ConversationsApi>(
        HttpCalls.Get("/api/bot/conversations/" + conversation), (function, request) => function.GetAsync(request, conversation, default));
}

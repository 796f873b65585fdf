using CommentFunctions.Bot;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Bot;

public class AnswerBotMessageTests
{
    private const string Valid =
        """{"channel":"web","conversation":"c","sender":"s","text":"ann","receivedAt":"2026-01-15T12:00:00Z"}""";

    [Theory]
    [InlineData("ann", "Last comment for ann was second, and <b>last</b> \"one\"")]
    [InlineData("  ann\n", "Last comment for ann was second, and <b>last</b> \"one\"")]
    [InlineData("bob", "No comments found for user bob")]
    [InlineData("Ann", "No comments found for user Ann")]
    [InlineData("who are you?", "No comments found for user who are you?")]
    [InlineData("'; DROP TABLE Comments; --", "No comments found for user '; DROP TABLE Comments; --")]
    public async Task The_reply_is_word_for_word(string text, string reply)
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "first");
        await app.PostAsync("ann", "second, and <b>last</b> \"one\"");

        Assert.Equal(reply, await app.AskAsync(text));
    }

    [Fact]
    public async Task An_expired_comment_is_not_quoted()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "old");
        app.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal("No comments found for user ann", await app.AskAsync("ann"));
    }

    [Fact]
    public async Task The_reply_goes_to_its_queue_with_an_id_that_one_message_has_once()
    {
        await using var app = await TestApp.StartAsync();
        var comment = await app.PostAsync("ann", "hers");

        var sent = await app.AnswerAsync("ann", "c", "web:42");
        var reply = sent.Body.ToObjectFromJson<BotReply>(ApiJson.Reading)!;

        Assert.Equal(("reply:web:42", "application/json"), (sent.MessageId, sent.ContentType));
        Assert.Equal(("web:42", "ann", comment.CreatedAt), (reply.InReplyTo, reply.UserName, reply.QuotedCommentCreatedAt));
        Assert.Equal(("web", "c", app.Clock.Now), (reply.Message.Channel, reply.Message.Conversation, reply.Message.ReceivedAt));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"channel":"web","conversation":"c","sender":"s","text":null,"receivedAt":"2026-01-15T12:00:00Z"}""")]
    [InlineData("""{"channel":"web","conversation":"c","sender":"s","receivedAt":"2026-01-15T12:00:00Z"}""")]
    [InlineData("""{"channel":"web","conversation":"c","sender":"s","text":"secret","receivedAt":"yesterday"}""")]
    [InlineData("""{"channel":"web","conversation":"c","sender":"s","text":"secret\ud83d","receivedAt":"2026-01-15T12:00:00Z"}""")]
    [InlineData(Valid + "secret")]
    public async Task A_malformed_message_is_dead_lettered_with_a_reason_that_quotes_none_of_it(string body)
    {
        await using var app = await TestApp.StartAsync();

        var letter = await app.AnswerAsync(BotMessages.Received(body));

        Assert.Equal("MalformedMessage", letter?.Reason);
        Assert.DoesNotContain("secret", letter!.Description, StringComparison.Ordinal);
        Assert.Empty(app.Sent.To(QueueNames.Replies));
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_dead_lettered()
    {
        await using var app = await TestApp.StartAsync();

        var letter = await app.AnswerAsync(BotMessages.Received(Valid + new string(' ', QueueJson.MaxBytes)));

        Assert.Equal("MalformedMessage", letter?.Reason);
    }

    [Fact]
    public async Task A_message_of_an_unknown_channel_is_dead_lettered()
    {
        await using var app = await TestApp.StartAsync();

        var letter = await app.AnswerAsync(BotMessages.Received(Valid.Replace("\"web\"", "\"fax\"", StringComparison.Ordinal)));

        Assert.Equal("UnknownChannel", letter?.Reason);
    }

    [Fact]
    public async Task A_reply_that_cannot_be_sent_is_left_to_the_queue_to_try_again()
    {
        await using var app = await TestApp.StartAsync();
        app.Sent.Failure = new TimeoutException();

        await Assert.ThrowsAsync<MessageFailedException>(() => app.AnswerAsync(BotMessages.Received(Valid)));
    }
}

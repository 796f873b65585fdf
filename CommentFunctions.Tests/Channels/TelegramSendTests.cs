using System.Text.Json.Nodes;
using CommentFunctions.Bot;
using CommentFunctions.Tests.Channels.Support;

namespace CommentFunctions.Tests.Channels;

/// <summary>Where replies go in Telegram, and what in them is live.</summary>
public sealed class TelegramSendTests : IAsyncLifetime
{
    private const string Moved = "-1001234567890";

    private TelegramStandIn telegram = null!;
    private ChannelApp app = null!;

    private IEnumerable<JsonNode> Bodies => telegram.Calls.Select(call => JsonNode.Parse(call.Body)!);

    public async Task InitializeAsync()
    {
        telegram = await StandIn.StartAsync<TelegramStandIn>();
        app = ChannelApp.Start(telegram.Settings);
    }

    public async Task DisposeAsync()
    {
        app.Dispose();
        await telegram.DisposeAsync();
    }

    [Fact]
    public async Task A_group_that_became_a_supergroup_is_sent_to_there_once_without_the_old_messages_id()
    {
        telegram.Refusal = body => (long?)body["chat_id"] == -4000000033 ? TelegramStandIn.MovedTo(long.Parse(Moved, null)) : null;

        await app.SendAsync("-4000000033", quote: "1365");

        Assert.Equal([new(Moved, "No comments found for user ann")], telegram.Delivered);
        Assert.Equal(2, telegram.Calls.Count);
    }

    [Fact]
    public async Task A_group_that_is_said_to_have_moved_on_and_on_is_given_up_after_one_move()
    {
        telegram.Refusal = body => TelegramStandIn.MovedTo((long)body["chat_id"]! - 1);

        var refusal = await Assert.ThrowsAnyAsync<PermanentChannelException>(() => app.SendAsync("-4000000033"));

        Assert.Equal("telegram answered 400: Bad Request: group chat was upgraded to a supergroup chat.", refusal.Message);
        Assert.Equal(2, telegram.Calls.Count);
    }

    [Fact]
    public async Task A_supergroup_that_is_busy_is_tried_again_as_any_chat()
    {
        telegram.Refusal = body => (long?)body["chat_id"] == -4000000033 ? TelegramStandIn.MovedTo(long.Parse(Moved, null)) : null;
        telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 4));

        await app.SendAsync("-4000000033");

        Assert.Equal(Moved, Assert.Single(telegram.Delivered).To);
    }

    [Fact]
    public async Task A_topic_that_is_not_found_is_reached_by_the_message_and_never_the_whole_group()
    {
        telegram.Refusal = body => body["message_thread_id"] is null ? null : TelegramStandIn.Refused("message thread not found");

        await app.SendAsync(Moved + ";topic=17", quote: "1365");

        Assert.Equal(
            [(17L, true), (null, false)],
            Bodies.Select(b => ((long?)b["message_thread_id"], (bool)b["reply_parameters"]!["allow_sending_without_reply"]!)));
        Assert.Single(telegram.Delivered);
    }

    [Fact]
    public async Task A_topic_that_is_gone_with_its_messages_is_refused()
    {
        telegram.Refusal = body => TelegramStandIn.Refused(body["message_thread_id"] is null ? "message to be replied not found" : "message thread not found");

        var refusal = await Assert.ThrowsAnyAsync<PermanentChannelException>(() => app.SendAsync(Moved + ";topic=17", quote: "1365"));

        Assert.Equal(("ChannelRefused", "telegram answered 400: Bad Request: message to be replied not found."), (refusal.Reason, refusal.Message));
        Assert.Equal(2, telegram.Calls.Count);
    }

    [Theory]
    [InlineData(15, true)]
    [InlineData(16, false)]
    public async Task A_message_that_only_the_bot_saw_is_answered_within_15_seconds_or_not_at_all(int seconds, bool sent)
    {
        var sending = app.SendAsync(Moved + ";user=5000000011", sentAt: app.Clock.GetUtcNow() - TimeSpan.FromSeconds(seconds), quote: "77");

        if (sent)
        {
            await sending;
            Assert.Equal(5000000011, (long?)Assert.Single(Bodies)["ephemeral_message_parameters"]!["receiver_user_id"]);
        }
        else
        {
            Assert.Equal("ReplyTooLate", (await Assert.ThrowsAnyAsync<PermanentChannelException>(() => sending)).Reason);
            Assert.Empty(telegram.Calls);
        }
    }

    /// <summary>Names, commands, addresses: https://core.telegram.org/bots/api#messageentity; in code there are none.</summary>
    [Fact]
    public async Task What_people_wrote_is_set_apart_so_that_nothing_in_it_is_live()
    {
        await app.SendAsync(new BotReply(
            new("telegram", Moved, "1", "@ann", app.Clock.GetUtcNow()),
            "telegram:1",
            "@ann",
            "Last comment for @ann was /weather@other_bot https://example.org 😀",
            Quotations: [new(17, 4), new(26, 41)]));

        var body = Assert.Single(Bodies);
        var text = (string)body["text"]!;
        Assert.Equal(["@ann", "/weather@other_bot https://example.org 😀"], body["entities"]!.AsArray().Select(e => text.Substring((int)e!["offset"]!, (int)e["length"]!)));
        Assert.All(body["entities"]!.AsArray(), entity => Assert.Equal("code", (string?)entity!["type"]));
        Assert.True((bool?)body["link_preview_options"]!["is_disabled"]);
    }

    [Fact]
    public async Task What_is_cut_off_is_not_set_apart()
    {
        await app.SendAsync(new BotReply(
            new("telegram", "1", "1", "ann", app.Clock.GetUtcNow()), "telegram:1", "ann", "x" + new string('y', 5000), Quotations: [new(1, 5000), new(4500, 10)]));

        var entity = Assert.Single(Assert.Single(Bodies)["entities"]!.AsArray());
        Assert.Equal((1, 4095), ((int)entity!["offset"]!, (int)entity["length"]!));
    }

    [Theory]
    [InlineData(TroubleKind.None)]
    [InlineData(TroubleKind.Refuse)]
    [InlineData(TroubleKind.Cut)]
    public async Task However_a_call_ends_its_address_is_then_without_the_token_again(TroubleKind trouble)
    {
        telegram.Plan(new Trouble(trouble));
        using var client = app.CreateClient("telegram");
        using var content = new StringContent("""{"chat_id":1,"text":"x"}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "bot/sendMessage") { Content = content };

        var failure = await Record.ExceptionAsync(async () => (await client.SendAsync(request)).Dispose());

        Assert.Equal(trouble == TroubleKind.Cut, failure is HttpRequestException);
        Assert.Equal($"POST /bot{TelegramStandIn.Token}/sendMessage", Assert.Single(telegram.Calls).Line);
        Assert.Equal($"{telegram.Address}/bot/sendMessage", request.RequestUri!.AbsoluteUri);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("1;topic")]
    [InlineData("1;topic=x")]
    [InlineData("1;room=2")]
    public async Task A_conversation_that_is_no_chat_is_refused(string conversation) =>
        Assert.Equal("ChannelRefused", (await Assert.ThrowsAnyAsync<PermanentChannelException>(() => app.SendAsync(conversation))).Reason);
}

using System.Text.Json.Nodes;
using CommentFunctions.Channels.Telegram;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Channels;

/// <summary>The bot among other bots, and its own name.</summary>
public sealed class TelegramGroupTests : ChannelsTests
{
    private const long Group = -1001234567890;

    /// <summary>Each reads all that is said in the group, also by the other.</summary>
    [Fact]
    public async Task Two_bots_of_this_app_in_one_group_fall_silent_after_one_exchange()
    {
        await using var other = await ChannelsApp.StartAsync();
        ChannelsApp[] bots = [Channels, other];
        var (done, said, update) = (new int[2], new int[2], 1);
        var texts = new Queue<(int Speaker, string Text)>([(-1, "ann")]);
        for (; texts.TryDequeue(out var heard) && update < 50; update++)
        {
            for (var i = 0; i < 2; i++)
            {
                if (i == heard.Speaker)
                {
                    continue;
                }

                var body = TelegramStandIn.Update(update, heard.Text, Group, 1365 + update, bot: heard.Speaker >= 0);
                Assert.Equal(200, (await bots[i].TelegramAsync(body)).Status);
                done[i] = await bots[i].App.ReplyToAllAsync(done[i]);
                foreach (var reply in bots[i].Telegram.Delivered.Skip(said[i]))
                {
                    texts.Enqueue((i, reply.Text));
                }

                said[i] = bots[i].Telegram.Count;
            }
        }

        Assert.Empty(texts);
        Assert.Equal((1, 1), (Channels.Telegram.Count, other.Telegram.Count));
    }

    [Fact]
    public async Task A_comment_that_is_quoted_can_neither_call_people_nor_bots()
    {
        await App.PostAsync("bob", "@ann /weather@other_bot");

        await Channels.TelegramAsync(TelegramStandIn.Update(1, "bob", Group));
        await App.ReplyToAllAsync();

        var body = JsonNode.Parse(Assert.Single(Telegram.Calls).Body)!;
        Assert.Equal("Last comment for bob was @ann /weather@other_bot", (string?)body["text"]);
        Assert.Equal(
            """[{"type":"code","offset":17,"length":3},{"type":"code","offset":25,"length":23}]""", body["entities"]!.ToJsonString());
    }

    [Theory]
    [InlineData("ann", 0)]
    [InlineData("/last ann", 0)]
    [InlineData("/weather", 0)]
    [InlineData("ann@comments_bot", 0)]
    [InlineData("/last@comments_bot ann", 1)]
    [InlineData("@comments_bot ann", 1)]
    public async Task The_bots_name_is_asked_for_only_where_it_matters_and_once(string text, int asked)
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await Channels.TelegramAsync(TelegramStandIn.Update(i, text, Group))).Status);
        }

        Assert.Equal(asked, Telegram.Calls.Count);
        Assert.All(Telegram.Calls, call => Assert.EndsWith("/getMe", call.Line, StringComparison.Ordinal));
    }

    /// <summary>Neither an answer that nobody asked for, nor a question that is lost.</summary>
    [Fact]
    public async Task A_command_for_a_bot_is_not_taken_until_the_bots_name_is_known()
    {
        var log = new LogLines(typeof(TelegramWebhook).FullName!);
        await using var app = await TestApp.StartAsync(
            new(Telegram.Settings) { ["Channels:Telegram:Timeout"] = "00:00:20" }, log: log);
        Telegram.NameFailure = 404;
        (await PostAsync(app, "/last@comments_bot ann")).Problem(503);
        Assert.Equal(200, (await PostAsync(app, "/last ann")).Status);
        Telegram.NameFailure = 0;
        Assert.Equal(200, (await PostAsync(app, "/last@comments_bot ann")).Status);

        Assert.Equal(2, app.Sent.To(QueueNames.Messages).Count);
        Assert.Equal("An update of Telegram is not taken, for the bot's own name is not known: telegram answered 404: Not Found. Telegram was told to call again.", Assert.Single(log.Lines));
    }

    [Fact]
    public async Task A_name_that_was_known_goes_on_being_used_while_Telegram_does_not_say_it()
    {
        await Channels.TelegramAsync(TelegramStandIn.Update(1, "/last@comments_bot ann", Group));
        Telegram.NameFailure = 404;
        App.Clock.Now += TimeSpan.FromHours(2);

        Assert.Equal(200, (await Channels.TelegramAsync(TelegramStandIn.Update(2, "/last@comments_bot ann", Group))).Status);
        Assert.Equal(200, (await Channels.TelegramAsync(TelegramStandIn.Update(3, "/last@other_bot ann", Group))).Status);

        Assert.Equal(2, App.Sent.To(QueueNames.Messages).Count);
    }

    private static Task<HttpAnswer> PostAsync(TestApp app, string text) => app.SendAsync<TelegramWebhook>(
        HttpCalls.Post("/", TelegramStandIn.Update(1, text, Group)).With("X-Telegram-Bot-Api-Secret-Token", TelegramStandIn.Secret), (f, r) => f.RunAsync(r, default));
}

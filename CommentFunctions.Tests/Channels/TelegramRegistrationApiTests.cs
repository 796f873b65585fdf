using System.Text.Json.Nodes;
using CommentFunctions.Channels.Telegram;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Channels;

public sealed class TelegramRegistrationApiTests : ChannelsTests
{
    [Fact]
    public async Task The_webhook_is_registered_with_its_secret_and_shown()
    {
        var answer = await SetAsync("?url=https://example.org:8443/api/channels/telegram&dropPending=true");

        var asked = JsonNode.Parse(Telegram.Calls[0].Body)!;
        Assert.Equal(
            """{"url":"https://example.org:8443/api/channels/telegram","secret_token":"telegram-secret_W2v1u123","allowed_updates":["message"],"drop_pending_updates":true}""",
            asked.ToJsonString());
        Assert.Equal((200, "https://example.org:8443/api/channels/telegram"), (answer.Status, answer.Text("url")));
        Assert.Equal(
            """{"url":"https://example.org:8443/api/channels/telegram","pendingUpdates":3,"lastErrorAt":"2026-01-15T12:00:00+00:00","lastError":"Wrong response from the webhook: 503 Service Unavailable","ipAddress":"203.0.113.7","maxConnections":40,"allowedUpdates":["message"],"botName":"comments_bot"}""",
            answer.Body.GetRawText());
    }

    [Fact]
    public async Task What_Telegram_knows_can_be_asked_for()
    {
        var answer = await App.SendAsync<TelegramRegistrationApi>(HttpCalls.Get("/api/channels/telegram/webhook"), (f, r) => f.GetAsync(r, default));

        Assert.Equal((200, ""), (answer.Status, answer.Text("url")));
    }

    [Fact]
    public async Task The_webhook_is_removed_and_what_waits_at_Telegram_is_kept()
    {
        await SetAsync("?url=https://example.org/api/channels/telegram");

        var answer = await RemoveAsync();

        Assert.Equal((200, ""), (answer.Status, answer.Text("url")));
        Assert.Equal("""{"drop_pending_updates":false}""", Telegram.Calls.Single(call => call.Line.EndsWith("/deleteWebhook", StringComparison.Ordinal)).Body);
        (await RemoveAsync("?dropPending=true")).Problem(400);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?url=")]
    [InlineData("?url=example.org/api/channels/telegram")]
    [InlineData("?url=http://example.org/api/channels/telegram")]
    [InlineData("?url=https://example.org")]
    [InlineData("?url=https://example.org:7071/api/channels/telegram")]
    [InlineData("?url=https://example.org/api/channels/telegram&drop=true")]
    public async Task An_address_that_Telegram_would_not_call_is_refused(string query)
    {
        (await SetAsync(query)).Problem(400);
        Assert.Empty(Telegram.Calls);
    }

    [Fact]
    public async Task A_refusal_of_Telegram_is_told()
    {
        await using var other = await TestApp.StartAsync(new(Telegram.Settings) { ["Channels:Telegram:BotToken"] = "1:wrong" });

        var problem = (await other.SendAsync<TelegramRegistrationApi>(HttpCalls.Get("/"), (f, r) => f.GetAsync(r, default))).Problem(502);

        Assert.Equal("telegram answered 404: Not Found.", problem);
    }

    private Task<HttpAnswer> RemoveAsync(string query = "") => App.SendAsync<TelegramRegistrationApi>(
        HttpCalls.Delete("/api/channels/telegram/webhook" + query), (f, r) => f.RemoveAsync(r, default));

    private Task<HttpAnswer> SetAsync(string query) => App.SendAsync<TelegramRegistrationApi>(
        HttpCalls.Post("/api/channels/telegram/webhook" + query), (f, r) => f.SetAsync(r, default));
}

using System.Net.Http.Json;
using System.Text.Json;

namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>What a user of the app does, over HTTP.</summary>
internal static class AppClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task<HttpResponseMessage> PostCommentAsync(this HttpClient http, string userName, string text) =>
        http.PostAsJsonAsync("api/comments", new { userName, text });

    public static Task<HttpResponseMessage> AskBotAsync(this HttpClient http, string conversation, string text) =>
        http.PostAsJsonAsync("api/bot/messages", new { conversation, text });

    /// <summary>The texts of a user's comments, newest first.</summary>
    public static async Task<List<string>> CommentsAsync(this HttpClient http, string userName)
    {
        var page = await http.GetFromJsonAsync<JsonElement>($"api/users/{userName}/comments");
        return [.. page.GetProperty("comments").EnumerateArray().Select(comment => comment.GetProperty("text").GetString()!)];
    }

    /// <summary>The bot's replies in a conversation.</summary>
    public static async Task<List<string>> RepliesAsync(this HttpClient http, string conversation)
    {
        var page = await http.GetFromJsonAsync<JsonElement>($"api/bot/conversations/{conversation}");
        return [.. page.GetProperty("messages").EnumerateArray()
            .Where(message => message.GetProperty("from").GetString() == "bot")
            .Select(message => message.GetProperty("text").GetString()!)];
    }

    /// <summary>Health's status in a number and in a word, once it has been seen that the reasons have this text.</summary>
    public static async Task<(int Status, string Word)> HealthAsync(this HttpClient http, string reason)
    {
        using var answer = await http.GetAsync("api/health");
        var report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var word = report.GetProperty("status").GetString()!;
        return word != "healthy" && !report.GetProperty("reasons").GetRawText().Contains(reason, StringComparison.Ordinal)
            ? ((int)answer.StatusCode, report.GetRawText())
            : ((int)answer.StatusCode, word);
    }

    /// <summary>Tries until it holds.</summary>
    public static Task EventuallyAsync(Func<Task<bool>> holds, string what) => EventuallyAsync(holds, () => what, pause: 100);

    /// <summary>Tries until it holds, with pauses of so many milliseconds.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds, Func<string> what, int pause)
    {
        var giveUp = DateTimeOffset.UtcNow + Patience;
        while (!await holds())
        {
            Assert.True(DateTimeOffset.UtcNow < giveUp, $"Not within {Patience}: {what()}");
            await Task.Delay(pause);
        }
    }
}

using CommentFunctions.Bot;
using CommentFunctions.Comments;
using CommentFunctions.Data;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.Data.Support;

/// <summary>A user's comments, as the app's callers get them.</summary>
internal static class AskedComments
{
    /// <summary>The text of the user's latest comment; null if there is none.</summary>
    public static Task<string?> LatestAsync(this TestApp app, string userName) => app.WithAsync<CommentDbContext, string?>(async db =>
        (await app.Services.GetRequiredService<CommentSchema>().FindLatestAsync(db, userName, app.Retention.Cutoff, default))?.Text);

    /// <summary>The texts of the user's comments, page by page.</summary>
    public static async Task<List<string>> ListAsync(this TestApp app, string userName, int pageSize = 10)
    {
        List<string> texts = [];
        string? before = null;
        do
        {
            var page = await app.ListPageAsync(userName, $"?limit={pageSize}" + (before is null ? "" : $"&before={before}"));
            Assert.Equal(200, page.Status);
            texts.AddRange(page.Body.GetProperty("comments").EnumerateArray().Select(comment => comment.GetProperty("text").GetString()!));
            Assert.True(texts.Count < 1_000, "The pages do not end.");
            before = page.Text("next");
        }
        while (before is not null);
        return texts;
    }

    /// <summary>A page of the user's comments.</summary>
    public static Task<HttpAnswer> ListPageAsync(this TestApp app, string userName, string query = "") => app.SendAsync<CommentsApi>(
        HttpCalls.Get("/" + query), (api, request) => api.ListAsync(request, userName, default));

    /// <summary>Who wrote what lately, newest first, as operators see it.</summary>
    public static async Task<List<string>> ListRecentAsync(this TestApp app, int limit = 20)
    {
        var answer = await app.SendAsync<CommentsApi>(HttpCalls.Get($"/?limit={limit}"), (api, request) => api.ListRecentAsync(request, default));
        return [.. answer.Body.GetProperty("comments").EnumerateArray()
            .Select(comment => $"{comment.GetProperty("userName").GetString()}: {comment.GetProperty("text").GetString()}")];
    }
}

using System.Text.Json;
using CommentFunctions.Data;
using CommentFunctions.Http;
using CommentFunctions.Site;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.Data.Django.Support;

/// <summary>Asks for the description of a site, as a command does: the start goes without the store.</summary>
public static class DescribedSite
{
    public static async Task<SiteView> AskAsync(Dictionary<string, string?> settings, DateTimeOffset now)
    {
        var answer = await AnswerAsync(settings, now);
        Assert.True(answer.Status == 200, answer.Body.GetRawText());
        return answer.Body.Deserialize<SiteView>(ApiJson.Writing)!;
    }

    /// <summary>The answer; <paramref name="measured"/> makes each look at the clock take so long.</summary>
    public static async Task<HttpAnswer> AnswerAsync(Dictionary<string, string?> settings, DateTimeOffset now, TimeSpan? measured = null)
    {
        await using var app = await TestApp.StartAsync(settings, configure: builder => builder.Services.AddSingleton(new StorePreparation(IsLeftOut: true)));
        app.Clock.Now = now;
        (app.Clock.Measures, app.Clock.Look) = (measured is not null, measured ?? default);
        return await app.SendAsync<SiteApi>(HttpCalls.Get("/api/site"), (api, request) => api.DescribeAsync(request, default));
    }

    /// <summary>The settings of a candidate, by the names that they have in configuration.</summary>
    public static IEnumerable<(string Name, string Value)> SettingsOf(SiteCandidateView candidate) => candidate.Settings
        .Where(line => !line.StartsWith('#'))
        .Select(line => line.Split('=', 2))
        .Select(parts => (parts[0].Replace("__", ":", StringComparison.Ordinal), parts[1]));
}

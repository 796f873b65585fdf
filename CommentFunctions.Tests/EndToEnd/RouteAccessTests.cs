using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CommentFunctions.Http;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>Every route of a running app, called without a key, with a wrong one, with those of other rights, and with its own.</summary>
public sealed class RouteAccessTests : IDisposable
{
    private const string Master = "the-master-key-of-at-least-thirty-two-characters";

    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Each_right_opens_its_routes_and_no_others()
    {
        await using var app = await ServeAsync();

        foreach (var function in HttpFunction.All)
        {
            var own = Callers.Rights.Keys.SingleOrDefault(right => Callers.Rights[right].Contains(function.Name));
            foreach (var (who, key) in Keys())
            {
                var status = await StatusAsync(app, function, key);
                if (own is null)
                {
                    // A key is no reason to refuse what takes none.
                    Assert.Equal((function.Name, who, Anonymous(function)), (function.Name, who, status));
                }
                else if (who == own || who == "master")
                {
                    Assert.False(status is 401 or 403 or >= 500, $"{function.Name} answers {status} to the key {who}.");
                }
                else
                {
                    Assert.Equal((function.Name, who, 401), (function.Name, who, status));
                }
            }
        }
    }

    [Fact]
    public async Task Without_the_web_channel_its_routes_are_as_if_they_were_not_there_whoever_calls()
    {
        await using var app = await ServeAsync(("Channels__Web__Enabled", "false"));
        using var posted = await app.Http.SendAsync(Call(HttpMethod.Post, "api/comments", KeyOf("post"), """{"userName": "ann", "text": "Hello"}"""));
        // Nobody may list comments there, so none has an address.
        Assert.Equal((HttpStatusCode.Created, null), (posted.StatusCode, posted.Headers.Location));

        foreach (var function in HttpFunction.All.Where(function => Callers.ByFunction[function.Name] == Caller.Web))
        {
            foreach (var method in function.Methods)
            {
                var unknown = await AnswerAsync(app, method, "api/nothing", null);
                foreach (var (_, key) in Keys())
                {
                    foreach (var path in new[] { function.Path, function.Path.Replace("ann", "nobody", StringComparison.Ordinal) })
                    {
                        Assert.Equal(unknown, await AnswerAsync(app, method, path, key));
                    }
                }
            }
        }

        Assert.StartsWith("404", await AnswerAsync(app, "GET", "api/nothing", null), StringComparison.Ordinal);
        Assert.DoesNotContain("ann", await app.Http.GetStringAsync("api/health"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_by_hand_is_recorded_with_its_caller_and_never_as_the_timers()
    {
        await using var app = await ServeAsync();
        foreach (var key in new[] { KeyOf("operate"), Master })
        {
            (await app.Http.SendAsync(Call(HttpMethod.Post, "api/expiry-runs", key))).EnsureSuccessStatusCode();
        }

        (await app.Http.SendAsync(Call(HttpMethod.Post, "admin/functions/DeleteExpiredComments", Master, "{}"))).EnsureSuccessStatusCode();
        await AppClient.EventuallyAsync(async () => (await CallersAsync()).Count == 3, "three runs are recorded");
        Assert.Equal(0, (await AppProcess.RunAsync(folder, ["run", "DeleteExpiredComments"])).ExitCode);

        Assert.Equal(["key operate", "key master", "admin", $"console {Environment.UserName}@{Environment.MachineName}"], await CallersAsync());

        async Task<List<string?>> CallersAsync()
        {
            using var answer = await app.Http.SendAsync(Call(HttpMethod.Get, "api/expiry-runs", KeyOf("operate")));
            var runs = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("runs");
            return [.. runs.EnumerateArray().Select(run => run.GetProperty("triggeredBy").GetString()).Reverse()];
        }
    }

    private static string KeyOf(string right) => $"the-key-{right}-of-at-least-thirty-two-characters";

    private static IEnumerable<(string Who, string? Key)> Keys() =>
        [("nobody", null), ("a stranger", "a-key-that-somebody-made-up-of-many-characters"), ("master", Master), .. Callers.Rights.Keys.Select(right => (right, (string?)KeyOf(right)))];

    private Task<AppProcess> ServeAsync(params (string, string)[] settings) => AppProcess.ServeAsync(
        folder, [("LocalRuntime__MasterKey", Master), .. Callers.Rights.Keys.Select(right => ($"LocalRuntime__Keys__{right}", KeyOf(right))), .. settings]);

    // Nobody has posted, and no service is set up.
    private static int Anonymous(HttpFunction function) => Callers.ByFunction[function.Name] == Caller.Service || function.Name == "ListComments" ? 404
        : function.Name == "PostBotMessage" ? 415 : 200;

    private static async Task<int> StatusAsync(AppProcess app, HttpFunction function, string? key)
    {
        using var answer = await app.Http.SendAsync(Call(new(function.Methods[0]), function.Path, key));
        return (int)answer.StatusCode;
    }

    /// <summary>All that a caller can see of an answer, but for the time.</summary>
    private static async Task<string> AnswerAsync(AppProcess app, string method, string path, string? key)
    {
        using var answer = await app.Http.SendAsync(Call(new(method), path, key));
        var headers = answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(",", header.Value)}");
        return $"{(int)answer.StatusCode} {string.Join("; ", headers.Order())} [{await answer.Content.ReadAsStringAsync()}]";
    }

    private static HttpRequestMessage Call(HttpMethod method, string path, string? key, string? json = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (key is not null)
        {
            request.Headers.Add("x-functions-key", key);
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        }

        return request;
    }
}

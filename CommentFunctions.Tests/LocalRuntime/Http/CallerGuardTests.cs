using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Http;
using Functions.LocalRuntime.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.LocalRuntime.Http;

/// <summary>Whose calls an app on loopback takes, without a key.</summary>
public sealed class CallerGuardTests : IAsyncLifetime
{
    private LocalApp app = null!;

    public async Task InitializeAsync() => app = await LocalApp.StartAsync(
        [typeof(Sample)], configure: builder => builder.Services.AddSingleton(new WebhookRoutes("hooks/")));

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData("a page's fetch, as older browsers tell it", "POST", "api/things", "Origin: https://evil.example")]
    [InlineData("a page's fetch", "POST", "api/things", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site")]
    [InlineData("a form that takes the window along", "POST", "api/things", "Origin: null", "Sec-Fetch-Site: cross-site")]
    [InlineData("a page of another port", "DELETE", "api/things", "Origin: http://localhost:3000", "Sec-Fetch-Site: same-site")]
    [InlineData("a page's run of a function by hand", "POST", "admin/functions/Thing", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site")]
    [InlineData("a name that leads here, reading", "GET", "api/things", "Host: evil.example")]
    [InlineData("a name that leads here, changing", "POST", "api/things", "Host: evil.example", "Origin: http://evil.example", "Sec-Fetch-Site: same-origin")]
    [InlineData("a name that leads here, at the admin API", "GET", "admin/functions", "Host: evil.example:7071")]
    [InlineData("the address of every machine", "POST", "api/things", "Host: 0.0.0.0")]
    [InlineData("a name that only looks like ours", "GET", "api/things", "Host: localhost.evil.example")]
    [InlineData("a tunnel that calls by our name", "GET", "api/things", "X-Forwarded-Host: name.tunnel.example")]
    [InlineData("a proxy that tells its caller", "GET", "api/things", "X-Forwarded-For: 198.51.100.7")]
    [InlineData("a tunnel, at what takes a key beside the webhooks", "POST", "api/hooks/settings", "Host: name.tunnel.example")]
    [InlineData("a page, at a webhook", "POST", "api/hooks/chat", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site")]
    [InlineData("a name that leads here, at nothing", "GET", "api/nothing", "Host: evil.example")]
    public async Task A_call_that_is_not_from_here_is_refused_with_a_problem_document(string who, string method, string path, params string[] headers)
    {
        using var answer = await SendAsync(method, path, headers);

        Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{who}: {answer.StatusCode}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((403, true), (problem.GetProperty("status").GetInt32(), problem.GetProperty("detail").GetString()!.Length > 40));
        Assert.Empty(app.Probe.Notes);
    }

    [Theory]
    [InlineData("a program", "POST", "api/things")]
    [InlineData("a program that reads", "GET", "api/things")]
    [InlineData("the app's own page", "POST", "api/things", "Origin: {self}", "Sec-Fetch-Site: same-origin")]
    [InlineData("the app's own page, as older browsers tell it", "DELETE", "api/things", "Origin: {self}")]
    [InlineData("a person who types the address", "GET", "api/things", "Sec-Fetch-Site: none")]
    [InlineData("a link of another site", "GET", "api/things", "Sec-Fetch-Site: cross-site")]
    [InlineData("localhost", "POST", "api/things", "Host: localhost:7071")]
    [InlineData("a name below localhost", "POST", "api/things", "Host: comments.localhost")]
    [InlineData("IPv6", "POST", "api/things", "Host: [::1]:7071")]
    [InlineData("another loopback address", "POST", "api/things", "Host: 127.0.0.2")]
    [InlineData("a proxy on this machine for somebody on it", "POST", "api/things", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: localhost:8080")]
    [InlineData("a tunnel, at a webhook", "POST", "api/hooks/chat", "Host: name.tunnel.example", "X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: https")]
    [InlineData("a tunnel that calls by our name, at a webhook", "GET", "api/hooks/chat", "X-Forwarded-Host: name.tunnel.example")]
    public async Task A_call_from_here_is_answered_without_a_key(string who, string method, string path, params string[] headers)
    {
        using var answer = await SendAsync(method, path, headers);

        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{who}: {answer.StatusCode}");
        Assert.Single(app.Probe.Notes);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string[] headers)
    {
        using var request = new HttpRequestMessage(new(method), path);
        foreach (var header in headers.Select(header => header.Split(": ", 2)))
        {
            request.Headers.TryAddWithoutValidation(header[0], header[1].Replace("{self}", app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));
        }

        if (path.StartsWith("admin", StringComparison.Ordinal) && method == "POST")
        {
            request.Content = JsonContent.Create(new { });
        }

        return await app.Http.SendAsync(request);
    }

    private sealed class Sample(Probe probe)
    {
        [Function("Thing")]
        public void Things([HttpTrigger(AuthorizationLevel.Function, "get", "post", "delete", Route = "things")] HttpRequest request) => probe.Note("thing");

        [Function("Hook")]
        public void Hook([HttpTrigger(AuthorizationLevel.Anonymous, Route = "hooks/chat")] HttpRequest request) => probe.Note("hook");

        [Function("Settings")]
        public void Settings([HttpTrigger(AuthorizationLevel.Function, "post", Route = "hooks/settings")] HttpRequest request) => probe.Note("settings");
    }
}

/// <summary>Whose calls an app takes that serves beyond loopback.</summary>
public sealed class ExposedAppTests : IAsyncLifetime
{
    private const string FunctionKey = "a-function-key-of-thirty-two-characters";
    private const string MasterKey = "the-master-key-of-thirty-two-characters";

    private static readonly Dictionary<string, string> Keys = new()
    {
        ["LocalRuntime:FunctionKey"] = FunctionKey,
        ["LocalRuntime:MasterKey"] = MasterKey,
        ["LocalRuntime:AllowedHosts"] = "comments.example.org; *.example.net",
    };

    private LocalApp app = null!;

    public async Task InitializeAsync() => app = await LocalApp.StartAsync([typeof(Levels)], Keys, urls: "http://0.0.0.0:0");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData("api/Open", null, 200)]
    [InlineData("api/Keyed", null, 401)]
    [InlineData("api/Keyed", FunctionKey, 200)]
    [InlineData("api/Keyed", MasterKey, 200)]
    [InlineData("api/Keyed", "", 401)]
    [InlineData("api/Keyed", FunctionKey + "x", 401)]
    [InlineData("api/Keyed", "A-FUNCTION-KEY-OF-THIRTY-TWO-CHARACTERS", 401)]
    [InlineData("api/Masters", FunctionKey, 401)]
    [InlineData("api/Masters", MasterKey, 200)]
    [InlineData("admin/functions", null, 401)]
    [InlineData("admin/functions", FunctionKey, 401)]
    [InlineData("admin/functions", MasterKey, 200)]
    public async Task A_function_takes_the_key_of_its_level(string path, string? key, int status)
    {
        using var byHeader = await GetAsync(path, "comments.example.org", key);
        using var byQuery = await GetAsync(key is null ? path : $"{path}?code={key}", "comments.example.org", null);

        Assert.Equal((status, status), ((int)byHeader.StatusCode, (int)byQuery.StatusCode));
        if (status == 401)
        {
            Assert.Equal("application/problem+json", byHeader.Content.Headers.ContentType?.MediaType);
        }
    }

    [Theory]
    [InlineData("comments.example.org", 200)]
    [InlineData("comments.example.org:443", 200)]
    [InlineData("COMMENTS.example.org", 200)]
    [InlineData("shop.example.net", 200)]
    [InlineData("localhost", 200)]
    [InlineData("example.net", 403)]
    [InlineData("0.0.0.0", 403)]
    [InlineData("evil.example", 403)]
    public async Task It_is_called_by_the_names_that_it_was_given(string host, int status)
    {
        using var answer = await GetAsync("api/Open", host, null);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_proxy_on_this_machine_says_who_calls_and_that_it_was_by_https()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/Caller") { Headers = { Host = "comments.example.org" } };
        request.Headers.Add("X-Forwarded-For", "198.51.100.7");
        request.Headers.Add("X-Forwarded-Proto", "https");

        using var answer = await app.Http.SendAsync(request);

        Assert.Equal("https 198.51.100.7", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", null, "--urls")]
    [InlineData("http://*:0", null, "--urls")]
    [InlineData("http://127.0.0.1:0;http://192.0.2.1:80", null, "--urls")]
    [InlineData(null, "comments.example.org", "LocalRuntime:AllowedHosts")]
    public async Task Without_keys_it_does_not_start(string? urls, string? hosts, string named)
    {
        var settings = hosts is null ? [] : new Dictionary<string, string> { ["LocalRuntime:AllowedHosts"] = hosts };

        var refusal = await Assert.ThrowsAsync<StartupException>(() => LocalApp.StartAsync([typeof(Levels)], settings, urls: urls));

        Assert.Contains("LocalRuntime:FunctionKey and LocalRuntime:MasterKey", Assert.Single(refusal.Messages), StringComparison.Ordinal);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_key_for_everything_is_refused()
    {
        var settings = new Dictionary<string, string>(Keys) { ["LocalRuntime:MasterKey"] = FunctionKey };

        await Assert.ThrowsAsync<StartupException>(() => LocalApp.StartAsync([typeof(Levels)], settings, urls: "http://0.0.0.0:0"));
    }

    [Fact]
    public async Task On_loopback_a_key_that_is_set_is_asked_for()
    {
        await using var local = await LocalApp.StartAsync([typeof(Levels)], new() { ["LocalRuntime:FunctionKey"] = FunctionKey });

        Assert.Equal(HttpStatusCode.Unauthorized, (await local.Http.GetAsync("api/Keyed")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await local.Http.GetAsync($"api/Keyed?code={FunctionKey}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await local.Http.GetAsync("admin/functions")).StatusCode);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string host, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
        if (key is not null)
        {
            request.Headers.Add("x-functions-key", key);
        }

        return await app.Http.SendAsync(request);
    }

    private static class Levels
    {
        [Function("Open")]
        public static void Open([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
        }

        [Function("Keyed")]
        public static void Keyed([HttpTrigger(AuthorizationLevel.Function)] HttpRequest request)
        {
        }

        [Function("Masters")]
        public static void Masters([HttpTrigger(AuthorizationLevel.Admin)] HttpRequest request)
        {
        }

        [Function("Caller")]
        public static IResult Caller([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            Results.Text($"{request.Scheme} {request.HttpContext.Connection.RemoteIpAddress}");
    }
}

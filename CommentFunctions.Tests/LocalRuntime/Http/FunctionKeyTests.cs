using System.Net;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;
using Functions.LocalRuntime.Hosting;
using Functions.LocalRuntime.Http;
using Functions.LocalRuntime.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.LocalRuntime.Http;

/// <summary>Keys that open some functions each.</summary>
public sealed class FunctionKeyTests
{
    private const string AllFunctionsKey = "a-function-key-of-thirty-two-characters";
    private const string MasterKey = "the-master-key-of-thirty-two-characters";
    private const string NamedKey = "a-key-of-some-functions-of-many-characters";

    [Theory]
    [InlineData("api/Keyed", NamedKey, 200)]
    [InlineData("api/Keyed", AllFunctionsKey, 401)]
    [InlineData("api/Keyed", null, 401)]
    [InlineData("api/Keyed", MasterKey, 200)]
    [InlineData("api/Masters", NamedKey, 401)]
    [InlineData("api/Unnamed", NamedKey, 401)]
    [InlineData("api/Unnamed", null, 401)]
    [InlineData("api/Unnamed", MasterKey, 200)]
    [InlineData("admin/functions", NamedKey, 401)]
    public async Task A_key_of_its_own_opens_the_functions_that_it_names_and_no_others(string path, string? key, int status)
    {
        await using var named = await LocalApp.StartAsync([typeof(Sample)], Named(), urls: "http://0.0.0.0:0", configure: RegisterNamed);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("x-functions-key", key);

        using var answer = await named.Http.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Without_the_keys_that_functions_are_named_by_it_does_not_start()
    {
        var settings = Named();
        settings.Remove("LocalRuntime:Keys:other");

        var refusal = await Assert.ThrowsAsync<StartupException>(
            () => LocalApp.StartAsync([typeof(Sample)], settings, urls: "http://0.0.0.0:0", configure: RegisterNamed));
        Assert.Contains("LocalRuntime:MasterKey and LocalRuntime:Keys:other (or one LocalRuntime:FunctionKey in place of these)", refusal.Message, StringComparison.Ordinal);

        settings["LocalRuntime:FunctionKey"] = AllFunctionsKey;
        await using var app = await LocalApp.StartAsync([typeof(Sample)], settings, urls: "http://0.0.0.0:0", configure: RegisterNamed);
    }

    [Theory]
    [InlineData("LocalRuntime:Keys:other", NamedKey)]
    [InlineData("LocalRuntime:Keys:other", MasterKey)]
    [InlineData("LocalRuntime:FunctionKey", NamedKey)]
    public async Task One_text_for_two_keys_is_refused(string setting, string value)
    {
        var settings = Named();
        settings[setting] = value;

        var refusal = await Assert.ThrowsAsync<StartupException>(() => LocalApp.StartAsync([typeof(Sample)], settings, configure: RegisterNamed));

        Assert.DoesNotContain(value, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_does_not_decide_how_much_is_logged()
    {
        var log = new LogLines(null, LogLevel.Warning);
        await using var named = await LocalApp.StartAsync([typeof(Sample)], Named(), configure: builder =>
        {
            RegisterNamed(builder);
            builder.Logging.AddProvider(log);
        });

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await named.Http.GetAsync("api/Keyed")).StatusCode);
        }

        Assert.Single(log.Lines, line => line.Contains("GET /api/Keyed was refused with 401", StringComparison.Ordinal));
    }

    private static Dictionary<string, string> Named() => new()
    {
        ["LocalRuntime:MasterKey"] = MasterKey,
        ["LocalRuntime:Keys:keyed"] = NamedKey,
        ["LocalRuntime:Keys:other"] = "the-key-of-other-functions-of-many-characters",
    };

    private static void RegisterNamed(LocalFunctionsApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new NamedFunctionKey("keyed", ["Keyed"]));
        builder.Services.AddSingleton(new NamedFunctionKey("other", ["Other"]));
    }

    private sealed class Sample
    {
        [Function("Keyed")]
        public static void Keyed([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest request) => request.HttpContext.Response.StatusCode = 200;

        [Function("Unnamed")]
        public static void Unnamed([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest request) => request.HttpContext.Response.StatusCode = 200;

        [Function("Masters")]
        public static void Masters([HttpTrigger(AuthorizationLevel.Admin, "get")] HttpRequest request) => request.HttpContext.Response.StatusCode = 200;
    }
}

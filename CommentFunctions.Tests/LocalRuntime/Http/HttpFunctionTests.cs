using System.Net;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;
using Functions.LocalRuntime.Invocation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.LocalRuntime.Http;

public sealed class HttpFunctionTests
{
    [Theory]
    [InlineData("{}", "api/things/7")]
    [InlineData("""{ "extensions": { "http": { "routePrefix": "v1/x" } } }""", "v1/x/things/7")]
    [InlineData("""{ "extensions": { "http": { "routePrefix": "" } } }""", "things/7")]
    public async Task A_route_stands_below_the_prefix(string hostJson, string path)
    {
        await using var app = await LocalApp.StartAsync([typeof(Things)], hostJson: hostJson);

        Assert.Equal("7 (none)", await app.Http.GetStringAsync(path));
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("other/things/7")).StatusCode);
    }

    [Theory]
    [InlineData("GET", "api/things/7", 200, "7 (none)")]
    [InlineData("GET", "API/Things/7", 200, "7 (none)")]
    [InlineData("GET", "api/things/7/part/a%20b", 200, "7 a b")]
    [InlineData("GET", "api/things/seven", 404, "")]
    [InlineData("GET", "api/things", 404, "")]
    [InlineData("GET", "api/nothing", 404, "")]
    [InlineData("GET", "things/7", 404, "")]
    [InlineData("DELETE", "api/things/7", 404, "")]
    [InlineData("HEAD", "api/things/7", 404, "")]
    [InlineData("OPTIONS", "api/things/7", 404, "")]
    [InlineData("POST", "api/things", 200, "posted 4 bytes")]
    [InlineData("PUT", "api/things", 200, "posted 4 bytes")]
    [InlineData("PATCH", "api/Any", 200, "any PATCH")]
    [InlineData("GET", "api/rest/of/the/path", 200, "of/the/path")]
    public async Task Route_and_method_choose_the_function_and_route_values_bind_by_name(string method, string path, int status, string body)
    {
        await using var app = await LocalApp.StartAsync([typeof(Things)]);
        using var request = new HttpRequestMessage(new(method), path);
        if (method is "POST" or "PUT")
        {
            request.Content = new StringContent("four");
        }

        var answer = await app.Http.SendAsync(request);

        Assert.Equal((status, body), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Empty(answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("GET", 200, "succeeded with 200", LogLevel.Information)]
    [InlineData("POST", 201, "succeeded with 201", LogLevel.Information)]
    [InlineData("GET", 302, "succeeded with 302", LogLevel.Information)]
    [InlineData("GET", 400, "was refused with 400", LogLevel.Information)]
    [InlineData("POST", 409, "was refused with 409", LogLevel.Information)]
    [InlineData("GET", 429, "was refused with 429", LogLevel.Debug)]
    [InlineData("GET", 503, "failed with 503", LogLevel.Information)]
    // What an open page asks for again and again; what it changes, and what it is refused, is told as ever.
    [InlineData("GET", 200, "succeeded with 200", LogLevel.Debug, "Sec-Fetch-Site")]
    [InlineData("POST", 200, "succeeded with 200", LogLevel.Information, "Sec-Fetch-Site")]
    [InlineData("GET", 404, "was refused with 404", LogLevel.Information, "Sec-Fetch-Site")]
    [InlineData("GET", 304, "succeeded with 304", LogLevel.Debug, "tag")]
    [InlineData("HEAD", 200, "succeeded with 200", LogLevel.Debug, "tag")]
    public async Task A_request_is_one_line_with_its_route_its_status_and_what_came_of_it(
        string method, int status, string outcome, LogLevel level, string header = "none")
    {
        var log = new LogLines(null, LogLevel.Debug);
        await using var app = await LocalApp.StartAsync([typeof(Counted)], configure: builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Debug);
            builder.Logging.AddProvider(log);
        });
        using var request = new HttpRequestMessage(new(method), $"api/answers/of-a-person?status={status}");
        request.Headers.Add(header, "same-origin");

        await app.Http.SendAsync(request);
        await app.StopAsync();

        var (text, at) = Assert.Single(log.Lines.Zip(log.Levels), line => line.First.Contains("Answered", StringComparison.Ordinal));
        Assert.Matches($@"^Answered {outcome} \({method} /api/answers/\{{name\}}, id [0-9a-f-]{{36}}\) in [0-9.]+ ms$", text);
        Assert.Equal(level, at);
        Assert.DoesNotContain(log.Lines, line => line.Contains("of-a-person", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Result", 201, """{"name":"a"}""")]
    [InlineData("Ok", 200, """{"name":"a"}""")]
    [InlineData("Created", 201, """{"name":"a"}""")]
    [InlineData("NoContent", 204, "")]
    [InlineData("Missing", 404, null)]
    [InlineData("Text", 200, "plain text")]
    [InlineData("Problem", 400, null)]
    [InlineData("Poco", 200, "")]
    public async Task Results_of_both_of_ASPNET_Cores_models_are_written(string name, int status, string? body)
    {
        await using var app = await LocalApp.StartAsync([typeof(Answers)]);

        var answer = await app.Http.GetAsync($"api/{name}");

        Assert.Equal(status, (int)answer.StatusCode);
        if (body is not null)
        {
            Assert.Equal(body, await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task An_app_without_IActionResult_goes_without_MVC()
    {
        await using var with = await LocalApp.StartAsync([typeof(Answers)]);
        await using var without = await LocalApp.StartAsync([typeof(Things)]);

        var type = typeof(Microsoft.AspNetCore.Mvc.Infrastructure.IActionResultExecutor<ObjectResult>);
        Assert.NotNull(with.Services.GetService(type));
        Assert.Null(without.Services.GetService(type));
    }

    [Fact]
    public async Task A_disabled_function_is_not_found()
    {
        await using var app = await LocalApp.StartAsync([typeof(Things)], new() { ["AzureWebJobs.Get.Disabled"] = "1" });

        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("api/things/7")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("api/Any")).StatusCode);
    }

    [Theory]
    [InlineData("Throws")]
    [InlineData("ThrowsLater")]
    [InlineData("ThrowsAfterHeaders")]
    [InlineData("ResultThrows")]
    [InlineData("Cancelled")]
    public async Task An_exception_is_a_500_and_the_process_goes_on(string name)
    {
        await using var app = await LocalApp.StartAsync([typeof(Failures), typeof(Things)]);

        for (var i = 0; i < 3; i++)
        {
            var answer = await app.Http.GetAsync($"api/{name}");
            Assert.Equal((HttpStatusCode.InternalServerError, ""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }

        Assert.Equal("7 (none)", await app.Http.GetStringAsync("api/things/7"));
    }

    [Fact]
    public async Task An_invocation_that_fails_before_its_function_runs_is_not_counted_as_running()
    {
        await using var app = await LocalApp.StartAsync([typeof(Unmakeable)]);

        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Http.GetAsync("api/Unmakeable")).StatusCode);

        Assert.Equal(0, app.Services.GetRequiredService<FunctionInvoker>().Running);
    }

    [Fact]
    public async Task An_exception_in_the_middle_of_an_answer_breaks_it_off()
    {
        await using var app = await LocalApp.StartAsync([typeof(Failures), typeof(Things)]);

        await Assert.ThrowsAsync<HttpRequestException>(() => app.Http.GetStringAsync("api/ThrowsInTheMiddle"));

        Assert.Equal("7 (none)", await app.Http.GetStringAsync("api/things/7"));
    }

    [Fact]
    public async Task Requests_are_answered_side_by_side()
    {
        await using var app = await LocalApp.StartAsync([typeof(Waiting)]);
        var answers = Enumerable.Range(0, 20).Select(_ => app.Http.GetAsync("api/Waiting")).ToList();

        await app.Probe.UntilInsideAsync(20);
        app.Probe.Open();

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }

    private static class Things
    {
        [Function("Get")]
        public static IResult Get(
            [HttpTrigger(AuthorizationLevel.Function, "get", Route = "things/{id:int}")] HttpRequest request, int id, FunctionContext context)
        {
            Assert.Equal("7", context.BindingContext.BindingData["ID"]);
            Assert.Same(request.HttpContext, context.GetHttpContext());
            return Results.Text($"{id} (none)");
        }

        [Function("GetPart")]
        public static IResult GetPart([HttpTrigger(AuthorizationLevel.Function, "get", Route = "things/{id}/part/{name?}")] HttpRequest request, string id, string? name) =>
            Results.Text($"{id} {name}");

        [Function("Post")]
        public static async Task<IResult> Post([HttpTrigger(AuthorizationLevel.Admin, "post", "PUT", Route = "things")] HttpRequest request)
        {
            using var reader = new StreamReader(request.Body);
            return Results.Text($"posted {(await reader.ReadToEndAsync()).Length} bytes");
        }

        [Function("Any")]
        public static IResult Any([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Results.Text($"any {request.Method}");

        [Function("Rest")]
        public static IResult Rest([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "rest/{*path}")] HttpRequest request, string path) => Results.Text(path);
    }

    private static class Answers
    {
        [Function("Result")]
        public static IResult Result([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Results.Created("/x", new { Name = "a" });

        [Function("Ok")]
        public static Task<IActionResult> Ok([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            Task.FromResult<IActionResult>(new OkObjectResult(new { Name = "a" }));

        [Function("Created")]
        public static async Task<IActionResult> Created([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await Task.Yield();
            return new CreatedResult("/x", new { Name = "a" });
        }

        [Function("NoContent")]
        public static NoContentResult NoContent([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => new();

        [Function("Missing")]
        public static Task<NotFoundResult> Missing([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Task.FromResult(new NotFoundResult());

        [Function("Text")]
        public static Task<IActionResult> Text([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            Task.FromResult<IActionResult>(new ContentResult { Content = "plain text" });

        [Function("Problem")]
        public static Task<IActionResult> Problem([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            Task.FromResult<IActionResult>(new BadRequestObjectResult(new ProblemDetails { Title = "Bad" }));

        [Function("Poco")]
        public static ProblemDetails Poco([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => new();
    }

    private static class Failures
    {
        [Function("Throws")]
        public static IResult Throws([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => throw new InvalidOperationException("a secret");

        [Function("ThrowsLater")]
        public static async Task<IResult> ThrowsLater([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await Task.Yield();
            throw new InvalidOperationException("a secret");
        }

        [Function("ThrowsAfterHeaders")]
        public static IResult ThrowsAfterHeaders([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            request.HttpContext.Response.ContentLength = 10;
            request.HttpContext.Response.ContentType = "application/json";
            throw new InvalidOperationException("a secret");
        }

        [Function("ResultThrows")]
        public static IResult ResultThrows([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            Results.Json(new { Self = new Func<int>(() => 1) });

        [Function("Cancelled")]
        public static Task Cancelled([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => throw new TaskCanceledException("a secret");

        [Function("ThrowsInTheMiddle")]
        public static async Task ThrowsInTheMiddle([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await request.HttpContext.Response.WriteAsync("half of ");
            await request.HttpContext.Response.Body.FlushAsync();
            throw new InvalidOperationException("a secret");
        }
    }

    private sealed class Unmakeable(Uri never)
    {
        [Function("Unmakeable")]
        public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Results.Text($"{never}");
    }

    private sealed class Waiting(Probe probe)
    {
        [Function("Waiting")]
        public Task RunAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => probe.PassAsync();
    }

    private sealed class Counted
    {
        [Function("Answered")]
        public static IResult Answer([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", Route = "answers/{name}")] HttpRequest request)
        {
            request.HttpContext.Response.Headers.ETag = request.Headers.ContainsKey("tag") ? "\"1\"" : default;
            return Results.StatusCode(int.Parse(request.Query["status"]!, System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}

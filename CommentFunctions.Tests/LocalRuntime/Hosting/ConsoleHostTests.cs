using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.LocalRuntime.Hosting;

/// <summary>The console is the process's, so nothing else may run beside these tests.</summary>
[CollectionDefinition(nameof(OwnsTheConsole), DisableParallelization = true)]
public sealed class OwnsTheConsole;

[Collection(nameof(OwnsTheConsole))]
public sealed partial class ConsoleHostTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, """{"id":"7","name":"alice"}""", "run", "Answer", "--id", "7", "--name", "alice")]
    [InlineData(0, """{"id":"7","name":null}""", "run", "answer", "--id=7")]
    [InlineData(1, "\"id must not be \\\"0\\\"\"", "run", "Answer", "--id", "0")]
    [InlineData(1, """{"title":"Not today"}""", "run", "Answer", "--id", "1")]
    [InlineData(0, "\"POST {\\u0022text\\u0022:\\u0022hello\\u0022}\"", "run", "Action", "--text", "hello")]
    [InlineData(0, """{"function":"Quiet","succeeded":true}""", "run", "Quiet")]
    [InlineData(0, """{"deleted":3,"zone":"+00:00"}""", "run", "Timer")]
    [InlineData(0, """{"function":"Queue","succeeded":true}""", "run", "Queue", "--body", """{"a":1}""")]
    [InlineData(0, """{"function":"Disabled","succeeded":true}""", "run", "Disabled")]
    public async Task A_function_runs_once_and_its_result_is_printed(int exitCode, string output, params string[] args)
    {
        var run = await RunAsync(args);

        Assert.Equal((exitCode, output), (run.ExitCode, run.Output));
        Assert.Equal($"{args[1]} {(exitCode == 0 ? "succeeded" : "failed")}.", run.Error, ignoreCase: true);
    }

    [Theory]
    [InlineData("Failing failed: not today", "run", "Failing")]
    [InlineData("FailingTimer failed: not today", "run", "FailingTimer")]
    [InlineData("Refusing failed: The function refused the message: Malformed: no text", "run", "Refusing", "--body", "x")]
    [InlineData("Cannot start:\n  There is no function 'Quiett'. The nearest one is Quiet; `list` names all.", "run", "Quiett")]
    [InlineData("Cannot start:\n  Answer needs --id; `run Answer --help` lists its values.", "run", "Answer", "--name", "alice")]
    [InlineData("Cannot start:\n  Answer needs --id; `run Answer --help` lists its values.", "run", "Answer")]
    [InlineData("Cannot start:\n  Timer is a timer function and takes no values.", "run", "Timer", "--now")]
    [InlineData("Cannot start:\n  Timer is a timer function and takes no values.", "run", "Timer", "--body", "{}")]
    [InlineData("Cannot start:\n  Queue takes one value, --body, the message.", "run", "Queue", "--text", "x")]
    public async Task A_failure_is_told_on_standard_error_with_exit_code_1(string error, params string[] args)
    {
        var run = await RunAsync(args);

        // What a program reads is JSON also then, unless nothing was run.
        var output = error.StartsWith("Cannot start", StringComparison.Ordinal) ? "" : $$"""{"function":"{{args[1]}}","succeeded":false}""";
        Assert.Equal((1, output, error), run);
    }

    [Fact]
    public async Task List_names_the_functions_in_aligned_columns_and_touches_no_state()
    {
        var (exitCode, output, error) = await RunAsync(["list"]);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            """
            Function      Trigger  Schedule, queue or route  Next run
            Action        http     POST /api/Action
            Answer        http     GET /api/answers/{id}
            Disabled      http     ANY /api/Disabled         disabled
            Failing       http     ANY /api/Failing
            FailingTimer  timer    0 0 4 * * *               0000-00-00 04:00:00Z
            Queue         queue    orders
            Quiet         http     ANY /api/Quiet
            Refusing      queue    refused                   disabled
            Timer         timer    0 0 3 * * *               0000-00-00 03:00:00Z
            """,
            Regex.Replace(output, @"\d{4}-\d\d-\d\d", "0000-00-00"));
        Assert.False(Directory.Exists(folder.File(".local")));
    }

    [Fact]
    public async Task List_is_there_for_programs_too()
    {
        var (exitCode, output, error) = await RunAsync(["list", "--json"]);

        Assert.Equal((0, ""), (exitCode, error));
        var functions = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(9, functions.Count);
        Assert.Equal(("Queue", "serviceBusTrigger", "orders", false), ((string?)functions[5]!["name"], (string?)functions[5]!["trigger"], (string?)functions[5]!["source"], (bool)functions[5]!["disabled"]!));
        Assert.Equal(3, functions[8]!["next"]!.GetValue<DateTime>().Hour);
    }

    [Fact]
    public async Task Help_prints_the_usage() => Assert.Equal((0, Arguments.Usage, ""), await RunAsync(["help"]));

    [Fact]
    public async Task A_run_works_beside_a_serving_app_and_puts_its_messages_on_that_apps_queue()
    {
        await using var app = await LocalApp.StartAsync([typeof(Sample)], Settings, folder: folder);

        Assert.Equal(0, (await RunAsync(["run", "Timer"])).ExitCode);

        await app.Probe.UntilCountAsync(1);
        Assert.Equal(["sent by Timer"], app.Probe.Notes);
    }

    [Fact]
    public async Task Options_of_the_app_are_validated_before_a_run()
    {
        var (exitCode, _, error) = await RunAsync(["run", "Quiet"], builder =>
            builder.Services.AddOptions<AppOptions>().Validate(_ => false, "App:Number must be positive.").ValidateOnStart());

        Assert.Equal((1, "Cannot start:\n  App:Number must be positive."), (exitCode, error));
    }

    [Theory]
    [InlineData(true, "run", "Quiet")]
    [InlineData(false, "list")]
    [InlineData(false)]
    public void Only_a_run_has_a_terminal_and_only_where_standard_error_is_one(bool may, params string[] args)
    {
        var builder = LocalApp.Builder(Arguments.Parse(args), folder.Path, [typeof(Sample)], Settings);

        Assert.Equal(
            may && !Console.IsErrorRedirected, builder.Services.Any(service => service.ServiceType == typeof(CommandTerminal)));
    }

    private static Dictionary<string, string> Settings => new() { ["AzureWebJobs.Disabled.Disabled"] = "true", ["AzureWebJobs.Refusing.Disabled"] = "true" };

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string[] args, Action<LocalFunctionsApplicationBuilder>? configure = null)
    {
        var (output, error, exitCode) = (Console.Out, Console.Error, Environment.ExitCode);
        using var written = new StringWriter();
        using var complained = new StringWriter();
        Console.SetOut(written);
        Console.SetError(complained);
        Environment.ExitCode = 0;
        try
        {
            var builder = LocalApp.Builder(Arguments.Parse(args), folder.Path, [typeof(Sample)], Settings);
            builder.Services.AddSingleton<Probe>();
            configure?.Invoke(builder);
            return (await Wait.ForAsync(FunctionApp.RunAsync(builder.Build)), Lines(written), Lines(complained));
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
            Environment.ExitCode = exitCode;
        }
    }

    private static string Lines(StringWriter text) => text.ToString().ReplaceLineEndings("\n").TrimEnd('\n');

    private sealed class AppOptions;

    private sealed class Sample(Probe probe, Azure.Messaging.ServiceBus.ServiceBusClient client)
    {
        [Function("Answer")]
        public static IResult Answer([HttpTrigger(AuthorizationLevel.Function, "get", Route = "answers/{id}")] HttpRequest request, string id) =>
            id == "0" ? Results.Text("id must not be \"0\"", statusCode: 400)
            : id == "1" ? Results.Json(new { title = "Not today" }, contentType: "application/problem+json", statusCode: 409)
            : Results.Ok(new { id, name = (string?)request.Query["name"] });

        [Function("Action")]
        public static async Task<IActionResult> ActAsync([HttpTrigger(AuthorizationLevel.Function, "post")] HttpRequest request)
        {
            using var reader = new StreamReader(request.Body);
            return new JsonResult($"{request.Method} {await reader.ReadToEndAsync()}");
        }

        [Function("Quiet")]
        public static IResult Quiet([HttpTrigger(AuthorizationLevel.Function)] HttpRequest request) => Results.NoContent();

        [Function("Disabled")]
        public static IResult Disabled([HttpTrigger(AuthorizationLevel.Function)] HttpRequest request) => Results.NoContent();

        [Function("Failing")]
        public static IResult Fail([HttpTrigger(AuthorizationLevel.Function)] HttpRequest request) => throw new InvalidOperationException("not today");

        [Function("Timer")]
        public async Task<object> TickAsync([TimerTrigger("0 0 3 * * *")] TimerInfo timer)
        {
            await client.CreateSender("orders").SendMessageAsync(new("sent by Timer"));
            return new { Deleted = 3, Zone = "+00:00" };
        }

        [Function("FailingTimer")]
        public static async Task FailLaterAsync([TimerTrigger("0 0 4 * * *")] TimerInfo timer)
        {
            await Task.Yield();
            throw new InvalidOperationException("not today");
        }

        [Function("Queue")]
        public void Work([ServiceBusTrigger("orders")] string body) => probe.Note(body);

        [Function("Refusing")]
        public static Task RefuseAsync([ServiceBusTrigger("refused")] Azure.Messaging.ServiceBus.ServiceBusReceivedMessage message, ServiceBusMessageActions actions) =>
            actions.DeadLetterMessageAsync(message, deadLetterReason: "Malformed", deadLetterErrorDescription: "no text");
    }
}

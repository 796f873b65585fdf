using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Hosting;
using Functions.LocalRuntime.Indexing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.LocalRuntime.Hosting;

/// <summary>The console is the process's, so nothing else may run beside these tests.</summary>
[CollectionDefinition(nameof(OwnsTheConsole), DisableParallelization = true)]
public sealed class OwnsTheConsole;

[Collection(nameof(OwnsTheConsole))]
public sealed class ConsoleHostTests : IDisposable
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

    [Theory]
    [InlineData("""
        run Answer: a function of GET /api/answers/{id}.

          --id  text  required  A part of the route.
          Other values go to its query and its JSON body by name.

        Example: run Answer --id '<text>'
        """, "Answer", "--help")]
    [InlineData("""
        run Queue: a function of orders.

          --body  text    The message.

        Example: run Queue
        """, "queue", "-h")]
    [InlineData("""
        run Timer: a function of 0 0 3 * * *.

          It takes no values.

        Example: run Timer
        """, "Timer", "--help")]
    public async Task Help_for_a_function_says_what_its_trigger_takes(string help, params string[] args) =>
        Assert.Equal((0, help.ReplaceLineEndings("\n"), ""), await RunAsync(["run", .. args]));

    [Theory]
    [InlineData("""
        run Answer: Answers.

          --id     a number from 1 on  required  Which one.
          --loud   true/false                    Whether it shouts. Default: false.
          --limit  1 to 100                      How many. Default: 20.

        Example: run Answer --id 7 --loud true
        """, "Answer")]
    [InlineData("""
        run Action: Acts.

          --text   text    required  What to say.
          --until  a time
          --kind   a or b            Which kind.

        Example: run Action --text 'Hello, world' --kind a
        """, "Action")]
    [InlineData("""
        run Queue: Takes an order.

          --body  JSON  required  The order.

        Example: run Queue --body '{"a":1}'
        """, "Queue")]
    [InlineData("""
        run Timer: Ticks.

          It takes no values.

        Example: run Timer
        """, "Timer")]
    public async Task Help_for_a_function_says_what_the_app_says_of_it_and_touches_no_state(string help, string function)
    {
        Assert.Equal((0, help.ReplaceLineEndings("\n"), ""), await RunAsync(["run", function, "--help"], Documented));

        Assert.False(Directory.Exists(folder.File(".local")));
    }

    [Theory]
    [InlineData("Answer has no value --lout. The nearest one is --loud; `run Answer --help` lists all.", "Answer", "--id", "7", "--lout")]
    [InlineData("Action has no value --id. The nearest one is --kind; `run Action --help` lists all.", "Action", "--text", "x", "--id", "1")]
    [InlineData("Quiet takes no values, and so no --text.", "Quiet", "--text", "x")]
    [InlineData("Answer needs --id; `run Answer --help` lists its values.", "Answer", "--loud")]
    [InlineData("Action needs --text; `run Action --help` lists its values.", "Action")]
    [InlineData("Queue needs --body; `run Queue --help` lists its values.", "Queue")]
    public async Task A_value_that_the_function_does_not_take_or_is_not_given_is_refused_before_anything_starts(string error, params string[] args)
    {
        Assert.Equal((1, "", $"Cannot start:\n  {error}"), await RunAsync(["run", .. args], Documented));

        Assert.False(Directory.Exists(folder.File(".local")));
    }

    [Theory]
    [InlineData("""{"id":"7","name":null}""", "Answer", "--ID", "7", "--LOUD")]
    [InlineData("\"POST {\\u0022text\\u0022:\\u00222\\u0022}\"", "Action", "--TEXT", "1", "--text", "2")]
    [InlineData("\"POST {\\u0022a\\u0022:1}\"", "Action", "--body", """{"a":1}""")]
    public async Task The_case_of_a_name_does_not_matter_and_a_body_may_be_given_whole(string output, params string[] args)
    {
        var run = await RunAsync(["run", .. args], Documented);

        Assert.Equal((0, output), (run.ExitCode, run.Output));
    }

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

    private static void Documented(LocalFunctionsApplicationBuilder builder) => builder.Services.AddSingleton(new FunctionDocument(() => new MemoryStream("""
        {
          "paths": {
            "/answers/{id}": {
              "get": {
                "operationId": "Answer",
                "summary": "Answers.",
                "parameters": [
                  { "name": "id", "in": "path", "required": true, "description": "Which one.", "schema": { "type": "integer", "minimum": 1, "examples": [7] } },
                  { "$ref": "#/components/parameters/loud" },
                  { "name": "limit", "in": "query", "description": "How many.", "schema": { "type": "integer", "minimum": 1, "maximum": 100, "default": 20 } }
                ]
              }
            },
            "/Action": {
              "post": {
                "operationId": "Action",
                "summary": "Acts.",
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Deed" } } } }
              }
            },
            "/Quiet": { "get": { "operationId": "Quiet", "summary": "Says nothing." } }
          },
          "x-functions": {
            "Timer": { "summary": "Ticks." },
            "Queue": {
              "summary": "Takes an order.",
              "requestBody": { "required": true, "description": "The order.", "content": { "application/json": { "example": { "a": 1 } } } }
            }
          },
          "components": {
            "parameters": {
              "loud": { "name": "loud", "in": "query", "description": "Whether it shouts.", "schema": { "type": "boolean", "default": false, "examples": [true] } }
            },
            "schemas": {
              "Deed": {
                "type": "object",
                "required": ["text"],
                "properties": {
                  "text": { "type": "string", "description": "What to say.", "examples": ["Hello, world"] },
                  "until": { "type": "string", "format": "date-time" },
                  "kind": { "enum": ["a", "b"], "description": "Which kind." }
                }
              }
            }
          }
        }
        """u8.ToArray())));

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

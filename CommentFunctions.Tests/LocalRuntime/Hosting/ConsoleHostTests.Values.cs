using Functions.LocalRuntime.Hosting;
using Functions.LocalRuntime.Indexing;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.LocalRuntime.Hosting;

/// <summary>The values of a function: what help says of them, and which are refused.</summary>
public sealed partial class ConsoleHostTests
{
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
}

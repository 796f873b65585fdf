using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Functions.LocalRuntime.Http;
using Functions.LocalRuntime.Indexing;
using Microsoft.AspNetCore.Mvc;

namespace Functions.LocalRuntime.Admin;

/// <summary>The Functions host's admin API, as far as a developer needs it: list the functions, and run one by hand.</summary>
/// <param name="stopping">Ends the wait of a timer function for its turn.</param>
internal sealed partial class AdminApi(IReadOnlyList<FunctionDescriptor> functions, ManualRun runs, ILogger logger, CancellationToken stopping)
{
    // In bytes: as much as a message of Service Bus may have, and room for its JSON.
    private const int MaxInput = 1024 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly ConcurrentDictionary<Task, bool> running = new();

    public void MapTo(IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/admin/functions").WithMetadata(new Access(AuthorizationLevel.Admin), new RequestSizeLimitAttribute(MaxInput));
        admin.MapGet("", http =>
            http.Response.WriteAsJsonAsync(functions.Select(function => Describe(function, http.Request)), Json, http.RequestAborted));
        admin.MapPost("{name}", async (HttpContext http) =>
        {
            try
            {
                var name = (string)http.Request.RouteValues["name"]!;
                var function = functions.FirstOrDefault(function => function.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    ?? throw new BadHttpRequestException(
                        "There is no function of this name. GET /admin/functions lists those that there are.", StatusCodes.Status404NotFound);
                var input = await ReadInputAsync(http.Request);
                // In the background, as the Functions host does it.
                var run = Task.Run(() => RunAsync(function, input));
                running[run] = true;
                _ = run.ContinueWith(ended => running.TryRemove(ended, out _), TaskScheduler.Default);
                http.Response.StatusCode = StatusCodes.Status202Accepted;
            }
            catch (BadHttpRequestException e)
            {
                await Results.Problem(e.Message, statusCode: e.StatusCode).ExecuteAsync(http);
            }
        });
    }

    /// <summary>Ends once all runs that were accepted have.</summary>
    public Task FinishAsync() => Task.WhenAll(running.Keys);

    private async Task RunAsync(FunctionDescriptor function, string? input)
    {
        try
        {
            await runs.RunAsync(function, input, stopping);
        }
        catch (Exception e)
        {
            Log.Failed(logger, function.Name, e.Message);
        }
    }

    private static async Task<string?> ReadInputAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException(
                "The body's type is not supported. Allowed: Content-Type application/json.", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            return (await request.ReadFromJsonAsync<Input>(request.HttpContext.RequestAborted) ?? throw new JsonException()).Text;
        }
        catch (Exception e) when (e is JsonException or IOException and not BadHttpRequestException)
        {
            throw new BadHttpRequestException("The body cannot be read. Allowed: a JSON object, {} or {\"input\": \"text\"}.", e);
        }
    }

    private static object Describe(FunctionDescriptor function, HttpRequest request)
    {
        var root = $"{request.Scheme}://{request.Host}";
        return new
        {
            name = function.Name,
            href = $"{root}/admin/functions/{function.Name}",
            invoke_url_template = function.Trigger is HttpTrigger http ? $"{root}/{http.Route}" : null,
            language = "dotnet-isolated",
            isDisabled = function.Disabled,
            config = new
            {
                entryPoint = function.EntryPoint,
                bindings = new[]
                {
                    new
                    {
                        type = function.Trigger.Type,
                        name = function.Trigger.Name,
                        direction = "in",
                        schedule = (function.Trigger as TimerTrigger)?.Source,
                        queueName = (function.Trigger as QueueTrigger)?.Queue,
                        route = (function.Trigger as HttpTrigger)?.Route,
                        methods = (function.Trigger as HttpTrigger)?.Methods,
                    },
                },
            },
        };
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The run of {Function} by hand did not succeed: {Why}")]
        public static partial void Failed(ILogger logger, string function, string why);
    }

    private sealed record Input([property: JsonPropertyName("input")] string? Text);
}

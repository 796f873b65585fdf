using System.Text.Json;
using System.Text.Json.Serialization;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Microsoft.AspNetCore.Http.Metadata;

namespace Functions.LocalRuntime.Http;

/// <summary>The Functions host's admin API, as far as a developer needs it: list the functions, and run one by hand.</summary>
internal static partial class AdminApi
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <param name="routes">The app's routes.</param>
    /// <param name="functions">The app's functions.</param>
    /// <param name="runs">Runs one.</param>
    /// <param name="background">Keeps the runs that were accepted.</param>
    /// <param name="logger">Tells of those that fail.</param>
    /// <param name="stopping">Ends the waiting of a timer function for its turn.</param>
    public static void MapAdmin(
        this IEndpointRouteBuilder routes,
        IReadOnlyList<FunctionDescriptor> functions,
        ManualRun runs,
        BackgroundRuns background,
        ILogger logger,
        CancellationToken stopping)
    {
        var admin = routes.MapGroup("/admin/functions").WithMetadata(new Access(AuthorizationLevel.Admin), new InputLimit());
        admin.MapGet("", http =>
            http.Response.WriteAsJsonAsync(functions.Select(function => Describe(function, http.Request)), Json, http.RequestAborted));
        admin.MapPost("{name}", async (HttpContext http) =>
        {
            try
            {
                var function = Find(functions, (string)http.Request.RouteValues["name"]!);
                var input = await ReadInputAsync(http.Request);
                // In the background, as the Functions host does it.
                background.Start(() => RunAsync(runs, function, input, logger, stopping));
                http.Response.StatusCode = StatusCodes.Status202Accepted;
            }
            catch (BadHttpRequestException e)
            {
                await Problems.WriteAsync(http, e.StatusCode, e.Message);
            }
        });
    }

    private static FunctionDescriptor Find(IReadOnlyList<FunctionDescriptor> functions, string name) =>
        functions.FirstOrDefault(function => function.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new BadHttpRequestException("There is no function of this name. GET /admin/functions lists those that there are.", StatusCodes.Status404NotFound);

    private static async Task RunAsync(ManualRun runs, FunctionDescriptor function, string? input, ILogger logger, CancellationToken stopping)
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
            throw new BadHttpRequestException("The body's type is not supported. Allowed: Content-Type application/json.", StatusCodes.Status415UnsupportedMediaType);
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

    /// <summary>As much as a message of Service Bus may have, and room for its JSON.</summary>
    private sealed class InputLimit : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => 1024 * 1024;
    }
}

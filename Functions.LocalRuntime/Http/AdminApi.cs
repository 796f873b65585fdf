using System.Text.Json;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Functions.LocalRuntime.Http;

/// <summary>The Functions host's admin API, as far as a developer needs it: list the functions, and run one by hand.</summary>
internal static partial class AdminApi
{
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
        routes.MapGet("/admin/functions", http =>
            http.Response.WriteAsJsonAsync(functions.Select(function => Describe(function, http.Request)), http.RequestAborted));
        routes.MapPost("/admin/functions/{name}", async (HttpContext http) =>
        {
            var name = (string)http.Request.RouteValues["name"]!;
            var function = functions.FirstOrDefault(function => function.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            var (status, input) = await ReadInputAsync(http.Request);
            http.Response.StatusCode = function is null ? StatusCodes.Status404NotFound : status;
            if (function is not null && status == StatusCodes.Status202Accepted)
            {
                // In the background, as the Functions host does it.
                background.Start(() => RunAsync(runs, function, input, logger, stopping));
            }
        });
    }

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

    private static async Task<(int Status, string? Input)> ReadInputAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType())
        {
            return (StatusCodes.Status415UnsupportedMediaType, null);
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
            if (body.RootElement.ValueKind != JsonValueKind.Object)
            {
                return (StatusCodes.Status400BadRequest, null);
            }

            return body.RootElement.TryGetProperty("input", out var input)
                ? input.ValueKind switch
                {
                    JsonValueKind.String => (StatusCodes.Status202Accepted, input.GetString()),
                    JsonValueKind.Null => (StatusCodes.Status202Accepted, null),
                    _ => (StatusCodes.Status400BadRequest, null),
                }
                : (StatusCodes.Status202Accepted, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (StatusCodes.Status400BadRequest, null);
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
                entryPoint = function.Definition.EntryPoint,
                bindings = new[] { Binding(function.Trigger) },
            },
        };
    }

    private static Dictionary<string, object> Binding(Trigger trigger)
    {
        var binding = new Dictionary<string, object> { ["type"] = trigger.Type, ["name"] = trigger.Parameter.Name!, ["direction"] = "in" };
        switch (trigger)
        {
            case TimerTrigger timer:
                binding["schedule"] = timer.Source;
                break;
            case QueueTrigger queue:
                binding["queueName"] = queue.Queue;
                break;
            case HttpTrigger http:
                binding["route"] = http.Route;
                binding["methods"] = http.Methods;
                break;
        }

        return binding;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The run of {Function} by hand did not succeed: {Why}")]
        public static partial void Failed(ILogger logger, string function, string why);
    }
}

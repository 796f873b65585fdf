using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;

namespace Functions.LocalRuntime.Http;

/// <summary>Routes requests to the HTTP functions. A disabled one has no route and so answers 404.</summary>
internal static class HttpFunctions
{
    /// <param name="routes">The app's routes.</param>
    /// <param name="functions">The app's functions.</param>
    /// <param name="invoker">Runs one.</param>
    /// <param name="webhooks">The full routes, prefix included, below which anonymous functions are webhooks.</param>
    public static void MapFunctions(
        this IEndpointRouteBuilder routes, IEnumerable<FunctionDescriptor> functions, FunctionInvoker invoker, IReadOnlyList<string> webhooks)
    {
        foreach (var function in functions.Where(function => !function.Disabled))
        {
            if (function.Trigger is HttpTrigger trigger)
            {
                RequestDelegate run = http => RunAsync(function, invoker, http);
                var endpoint = trigger.Methods.Count == 0 ? routes.Map(trigger.Route, run) : routes.MapMethods(trigger.Route, trigger.Methods, run);
                endpoint.WithMetadata(new Access(
                    trigger.Level,
                    trigger.Level == AuthorizationLevel.Anonymous && webhooks.Any(route => trigger.Route.StartsWith(route, StringComparison.OrdinalIgnoreCase))));
            }
        }

        // As the Functions host answers what no function takes, a method as well as a path: without it a wrong method would be a 405.
        routes.MapFallback("{**path}", http =>
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    private static async Task RunAsync(FunctionDescriptor function, FunctionInvoker invoker, HttpContext http)
    {
        try
        {
            await invoker.InvokeAsync(
                function,
                new(http.Request.Method, http, http.Request.RouteValues),
                context => HttpInvocation.Prepare(http, context),
                result => HttpInvocation.AnswerAsync(http, result));
        }
        catch (Exception) when (!http.Response.HasStarted)
        {
            // Logged by the invoker. An app that wants a better answer catches the exception in a middleware of its own.
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
        finally
        {
            HttpActivity.Describe(http, (HttpTrigger)function.Trigger);
        }
    }
}

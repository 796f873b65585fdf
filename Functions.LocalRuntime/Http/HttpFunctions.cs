using System.Diagnostics;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;

namespace Functions.LocalRuntime.Http;

/// <summary>The page that <c>/</c> leads to, which the start names.</summary>
/// <param name="Route">Its route, below host.json's prefix.</param>
public sealed record HomePage(string Route);

/// <summary>Routes requests to the HTTP functions. A disabled one has no route and so answers 404.</summary>
internal static class HttpFunctions
{
    // Where the worker's own GetHttpContext() looks for the request.
    private const string ContextItem = "HttpRequestContext";

    /// <param name="routes">Takes the routes.</param>
    /// <param name="functions">All functions.</param>
    /// <param name="invoker">Runs them.</param>
    /// <param name="webhooks">The full routes, prefix included, below which anonymous functions are webhooks.</param>
    /// <param name="keys">The functions' own keys.</param>
    public static void MapFunctions(
        this IEndpointRouteBuilder routes,
        IEnumerable<FunctionDescriptor> functions,
        FunctionInvoker invoker,
        IReadOnlyList<string> webhooks,
        IReadOnlyList<NamedFunctionKey> keys)
    {
        foreach (var function in functions.Where(function => !function.Disabled))
        {
            if (function.Trigger is HttpTrigger trigger)
            {
                RequestDelegate run = http => RunAsync(function, invoker, http);
                var endpoint = trigger.Methods.Count == 0 ? routes.Map(trigger.Route, run) : routes.MapMethods(trigger.Route, trigger.Methods, run);
                var isWebhook = webhooks.Any(route => trigger.Route.StartsWith(route, StringComparison.OrdinalIgnoreCase));
                var key = keys.FirstOrDefault(key => key.Functions.Contains(function.Name))?.Name;
                endpoint.WithMetadata(new Access(trigger.Level, isWebhook && trigger.Level == AuthorizationLevel.Anonymous, key));
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
            // The route, not the path, which has what a caller wrote, such as names.
            await InvokeAsync(invoker, function, $"{http.Request.Method} /{((HttpTrigger)function.Trigger).Route}", http);
        }
        catch (Exception) when (!http.Response.HasStarted)
        {
            // The invoker has logged it. An app that wants a better answer catches the exception in a middleware of its own.
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
        finally
        {
            Describe(http, (HttpTrigger)function.Trigger);
        }
    }

    /// <summary>Runs a function for a request and writes its answer.</summary>
    public static Task InvokeAsync(FunctionInvoker invoker, FunctionDescriptor function, string reason, HttpContext http)
    {
        var context = new LocalFunctionContext(function, reason, http, () => http.Request.RouteValues);
        context.Items[ContextItem] = http;
        return invoker.InvokeAsync(context, async result =>
        {
            await AnswerAsync(http, result);
            context.Outcome = OutcomeOf(http);
        });
    }

    // Who answers 5xx has logged why. Callers who are told to call less do not decide how much is logged, nor does a page that is open:
    // its files have tags, and browsers tell of each request by which site's page it is.
    private static (string Words, LogLevel Level) OutcomeOf(HttpContext http)
    {
        var status = http.Response.StatusCode;
        var words = status >= 500 ? $"failed with {status}" : status >= 400 ? $"was refused with {status}" : $"succeeded with {status}";
        var isOfPage = status < 400 && http.Request.Method is "GET" or "HEAD"
            && (http.Response.Headers.ETag.Count > 0 || http.Request.Headers.ContainsKey("Sec-Fetch-Site"));
        return (words, isOfPage || status == StatusCodes.Status429TooManyRequests ? LogLevel.Debug : LogLevel.Information);
    }

    // As in Azure, only results are written; another value answers with an empty body.
    private static Task AnswerAsync(HttpContext http, object? result) => result switch
    {
        IResult answer => answer.ExecuteAsync(http),
        IActionResult answer => answer.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor())),
        _ => Task.CompletedTask,
    };

    // Gives ASP.NET Core's span of a request its method, route and status. Path and query can hold a key, so they stay out.
    private static void Describe(HttpContext http, HttpTrigger trigger)
    {
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is { Recorded: true, IsAllDataRequested: true } activity)
        {
            var route = $"/{trigger.Route}";
            var status = http.Response.StatusCode;
            activity.DisplayName = $"{http.Request.Method} {route}";
            activity.SetTag("http.request.method", http.Request.Method);
            activity.SetTag("http.route", route);
            activity.SetTag("http.response.status_code", status);
            if (status >= StatusCodes.Status500InternalServerError)
            {
                activity.SetStatus(ActivityStatusCode.Error).SetTag("error.type", $"{status}");
            }
        }
    }
}

using Functions.LocalRuntime.Invocation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;

namespace Functions.LocalRuntime.Http;

/// <summary>ASP.NET Core's request into a function, and its result out of it.</summary>
internal static class HttpInvocation
{
    // Where the worker's own GetHttpContext() looks for it.
    private const string ContextItem = "HttpRequestContext";

    /// <summary>Ties the request to the invocation: one scope of services serves both.</summary>
    public static void Prepare(HttpContext http, LocalFunctionContext context)
    {
        http.RequestServices = context.InstanceServices;
        context.Items[ContextItem] = http;
    }

    /// <summary>Writes what the function returned. As in Azure, only results are written; another value answers with an empty body.</summary>
    public static Task AnswerAsync(HttpContext http, object? result) => result switch
    {
        IResult answer => answer.ExecuteAsync(http),
        IActionResult answer => answer.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor())),
        _ => Task.CompletedTask,
    };
}

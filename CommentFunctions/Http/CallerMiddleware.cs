using CommentFunctions.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Http;

/// <summary>
/// Lets in who needs no key: as many calls as an address may make, and none to a function of the web channel that is off, which answers
/// like a route that there is not. The hosts check keys, and the webhooks their services' secrets.
/// </summary>
/// <remarks>
/// A middleware of functions, and not of ASP.NET Core: under the Functions host each request belongs to an invocation, which would wait for
/// one that is answered before it.
/// </remarks>
public sealed class CallerMiddleware(CallerTable callers, RequestLimiter limiter, IOptions<WebChannelOptions> web) : IFunctionsWorkerMiddleware
{
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next) =>
        callers.ByFunction.TryGetValue(context.FunctionDefinition.Name, out var caller) && caller is Caller.Anyone or Caller.Web
            ? LetInAsync(caller, context, next)
            : next(context);

    private async Task LetInAsync(Caller caller, FunctionContext context, FunctionExecutionDelegate next)
    {
        var http = context.GetHttpContext();
        if (http is not null && caller == Caller.Web && !web.Value.Enabled)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (http is not null && limiter.Count(http) is { } refusal)
        {
            await refusal.ExecuteAsync(http);
        }
        else
        {
            await next(context);
        }
    }
}

/// <summary>Registers who may call.</summary>
public static class CallerServices
{
    /// <summary>Adds the limits of calls, and whether the web channel is on.</summary>
    public static IHostApplicationBuilder AddCallers(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddKnownSettings(KnownSettings.Of<RequestLimitOptions>(RequestLimitOptions.Section));
        services.AddKnownSettings(KnownSettings.Of<WebChannelOptions>(WebChannelOptions.Section));
        services.AddOptions<RequestLimitOptions>().BindConfiguration(RequestLimitOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RequestLimitOptions>, RequestLimitOptionsValidator>();
        services.AddOptions<WebChannelOptions>().BindConfiguration(WebChannelOptions.Section).ValidateOnStart();
        services.TryAddSingleton<RequestLimiter>();
        return builder;
    }

    /// <summary>Has the functions called only by who may.</summary>
    public static TBuilder UseCallers<TBuilder>(this TBuilder builder)
        where TBuilder : IFunctionsWorkerApplicationBuilder
    {
        builder.UseMiddleware<CallerMiddleware>();
        return builder;
    }
}

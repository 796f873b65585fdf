using CommentFunctions.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Http;

/// <summary>
/// Exchanges an exception that leaves an HTTP function into a problem document; without it a caller could be told 200 with an empty
/// body. Exceptions of other triggers pass, for they are how the host learns of a failure, and so do those in the middle of an answer.
/// </summary>
public sealed partial class ProblemDetailsMiddleware(IEnumerable<IOutages> outages, ILogger<ProblemDetailsMiddleware> logger) : IFunctionsWorkerMiddleware
{
    // For a part that does not say when it is back: it may be any moment.
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(5);

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (Unanswered(context) is { } http)
        {
            var stopping = context.CancellationToken.IsCancellationRequested;
            await Answer(e, context.FunctionDefinition.Name, http.RequestAborted.IsCancellationRequested, stopping).ExecuteAsync(http);
        }
    }

    // A method of its own: what it needs is loaded with the first exception, not with the first request.
    private static HttpContext? Unanswered(FunctionContext context) => context.GetHttpContext() is { Response.HasStarted: false } http ? http : null;

    /// <summary>The answer to a request whose function threw.</summary>
    /// <param name="gone">Whether the caller has gone away.</param>
    /// <param name="stopping">Whether the invocation was cancelled.</param>
    internal IResult Answer(Exception exception, string function, bool gone, bool stopping)
    {
        switch (exception)
        {
            case BadHttpRequestException bad:
                return ApiResults.Problem(bad.StatusCode, bad.Message);
            case OperationCanceledException when gone:
                return Results.StatusCode(StatusCodes.Status499ClientClosedRequest);
            case OperationCanceledException when stopping:
                return ApiResults.Problem(
                    StatusCodes.Status503ServiceUnavailable, "The app is stopping and did not finish the request. Try again in a moment.");
            case var _ when outages.FindOutage(exception) is { } outage:
                Log.Unavailable(logger, function, outage.Reason);
                return ApiResults.Unavailable(outage.RetryAfter ?? UsualPause);
            default:
                Log.Failed(logger, exception, function);
                return ApiResults.Problem(
                    StatusCodes.Status500InternalServerError, "The app failed to do this. The request may be tried again; the failure is logged.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "{Function} could not be done, and its caller was answered 503: {Reason}")]
        public static partial void Unavailable(ILogger logger, string function, string reason);

        [LoggerMessage(1, LogLevel.Error, "{Function} failed; its caller was answered 500.")]
        public static partial void Failed(ILogger logger, Exception exception, string function);
    }
}

/// <summary>Adds the middleware.</summary>
public static class ProblemDetailsServices
{
    /// <summary>Answers what HTTP functions throw with problem documents.</summary>
    public static TBuilder UseProblemDetails<TBuilder>(this TBuilder builder)
        where TBuilder : IFunctionsWorkerApplicationBuilder
    {
        builder.UseMiddleware<ProblemDetailsMiddleware>();
        return builder;
    }
}

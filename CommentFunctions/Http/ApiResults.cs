using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace CommentFunctions.Http;

/// <summary>Answers to HTTP requests.</summary>
public static class ApiResults
{
    /// <summary>200 with this value as JSON.</summary>
    public static IResult Ok<T>(T value) => Results.Json(value, ApiJson.Writing);

    /// <summary>200 with this value as JSON in lines.</summary>
    public static IResult Legible<T>(T value) => Results.Json(value, ApiJson.Legible);

    /// <summary>This status with this value as JSON.</summary>
    public static IResult Json<T>(int status, T value) => Results.Json(value, ApiJson.Writing, statusCode: status);

    /// <summary>201 with this value as JSON, and where it can be found.</summary>
    public static IResult Created<T>(string location, T value) => new WithHeader(HeaderNames.Location, location, Json(StatusCodes.Status201Created, value));

    /// <summary>202 with this value as JSON, and where its outcome can be found.</summary>
    public static IResult Accepted<T>(string location, T value) => new WithHeader(HeaderNames.Location, location, Json(StatusCodes.Status202Accepted, value));

    /// <summary>A problem document (RFC 9457).</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">What was wrong, and what is allowed or what to do.</param>
    public static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);

    /// <summary>503 of a part that the app needs, and the whole seconds after which the request may succeed.</summary>
    public static IResult Unavailable(TimeSpan pause) => After(
        pause, StatusCodes.Status503ServiceUnavailable, "A part that the app needs cannot do this now.");

    /// <summary>429 to a caller who makes more calls than are answered, and the whole seconds after which the next one may be.</summary>
    public static IResult TooManyRequests(TimeSpan pause) => After(
        pause, StatusCodes.Status429TooManyRequests, "More calls came from there than are answered.");

    /// <summary>The path of another route of this app, whatever prefix the host puts before routes.</summary>
    /// <param name="request">The request that is answered.</param>
    /// <param name="route">The route that the request came by, without the prefix.</param>
    /// <param name="other">The other route, without the prefix.</param>
    public static string Path(HttpRequest request, string route, string other)
    {
        var path = request.Path.Value?.TrimEnd('/') ?? "";
        var prefix = path.EndsWith(route, StringComparison.OrdinalIgnoreCase) ? path[..^route.Length] : "/api/";
        return request.PathBase + prefix + other;
    }

    private static WithHeader After(TimeSpan pause, int status, string why)
    {
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)Math.Ceiling(pause.TotalSeconds))}");
        return new(HeaderNames.RetryAfter, seconds, Problem(status, $"{why} Try again after {seconds} s."));
    }

    private sealed class WithHeader(string name, string value, IResult result) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers[name] = value;
            return result.ExecuteAsync(httpContext);
        }
    }
}

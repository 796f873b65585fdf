using System.Text;
using System.Text.Json;
using CommentFunctions.Failures;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CommentFunctions.Tests.Support;

/// <summary>Calls HTTP functions as a host does: the function, then the answer to what it threw, then the result.</summary>
public static class HttpCalls
{
    private static readonly IServiceProvider ResultServices = new ServiceCollection().AddLogging().BuildServiceProvider();

    public static HttpRequest Get(string url) => Request("GET", url, null, null);

    public static HttpRequest Delete(string url) => Request("DELETE", url, null, null);

    public static HttpRequest Post(string url, string? body = null, string? contentType = "application/json") =>
        Request("POST", url, body is null ? null : Encoding.UTF8.GetBytes(body), contentType);

    public static HttpRequest Post(string url, byte[] body) => Request("POST", url, body, "application/json");

    /// <summary>The request, with a header more.</summary>
    public static HttpRequest With(this HttpRequest request, string header, string? value)
    {
        request.Headers[header] = value;
        return request;
    }

    public static async Task<HttpAnswer> SendAsync<TFunction>(
        this TestApp app, HttpRequest request, Func<TFunction, HttpRequest, Task<IResult>> call)
        where TFunction : class
    {
        IResult result;
        try
        {
            result = await app.WithAsync<TFunction, IResult>(function => call(function, request));
        }
        catch (Exception e)
        {
            result = new ProblemDetailsMiddleware(app.Services.GetServices<IOutages>(), NullLogger<ProblemDetailsMiddleware>.Instance)
                .Answer(e, typeof(TFunction).Name, gone: false, stopping: false);
        }

        return await AnswerOf(result, request.HttpContext);
    }

    public static async Task<HttpAnswer> AnswerOf(IResult result, HttpContext context)
    {
        var body = new MemoryStream();
        context.Response.Body = body;
        await result.ExecuteAsync(context);
        return new(
            context.Response.StatusCode,
            context.Response.ContentType,
            context.Response.Headers.Location,
            context.Response.Headers.RetryAfter,
            body.Length == 0 ? default : JsonDocument.Parse(body.ToArray()).RootElement);
    }

    private static HttpRequest Request(string method, string url, byte[]? body, string? contentType)
    {
        var request = new DefaultHttpContext { RequestServices = ResultServices }.Request;
        var parts = url.Split('?', 2);
        request.Method = method;
        request.Path = parts[0];
        request.QueryString = parts.Length == 2 ? new("?" + parts[1]) : QueryString.Empty;
        request.ContentType = contentType;
        if (body is not null)
        {
            request.Body = new MemoryStream(body);
            request.ContentLength = body.Length;
        }

        return request;
    }
}

/// <summary>What a caller gets.</summary>
public sealed record HttpAnswer(int Status, string? ContentType, string? Location, string? RetryAfter, JsonElement Body)
{
    /// <summary>What a problem document says; asserts that it is one.</summary>
    public string Problem(int status)
    {
        Assert.Equal(status, Status);
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal(status, Body.GetProperty("status").GetInt32());
        return Body.GetProperty("detail").GetString()!;
    }

    public string? Text(string property) => Body.GetProperty(property).GetString();
}

using Microsoft.AspNetCore.Http;

namespace Functions.LocalRuntime.Http;

/// <summary>Answers of the runtime itself, as problem documents (RFC 9457).</summary>
internal static class Problems
{
    /// <summary>Writes this status, and what was wrong and what to do.</summary>
    public static Task WriteAsync(HttpContext http, int status, string detail) => Results.Problem(detail, statusCode: status).ExecuteAsync(http);
}

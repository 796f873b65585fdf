using System.Diagnostics;
using Functions.LocalRuntime.Indexing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Functions.LocalRuntime.Http;

/// <summary>
/// Gives ASP.NET Core's span of a request its method, route and status. It is without the path and the query of purpose: these can
/// hold a key.
/// </summary>
internal static class HttpActivity
{
    public static void Describe(HttpContext http, HttpTrigger trigger)
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

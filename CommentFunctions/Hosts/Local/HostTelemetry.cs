using System.Reflection;
using CommentFunctions.Telemetry;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CommentFunctions.Hosts;

/// <summary>What the local host adds to telemetry.</summary>
internal static class HostTelemetry
{
    /// <summary>Whether the host has an export of its own: it has none.</summary>
    public static bool IsExported(IConfiguration configuration) => false;

    /// <summary>
    /// Adds the spans of requests and of functions, and the app's name unless <c>OTEL_SERVICE_NAME</c> says another.
    /// </summary>
    public static void Configure(IOpenTelemetryBuilder telemetry, IConfiguration configuration) => telemetry
        .ConfigureResource(resource => resource
            .AddService(TelemetryNames.App, serviceVersion: Assembly.GetExecutingAssembly().GetName().Version?.ToString())
            .AddEnvironmentVariableDetector())
        .WithTracing(traces => traces.AddSource("Microsoft.AspNetCore", TelemetryNames.Worker));
}

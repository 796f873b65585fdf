using System.Data.Common;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;

namespace CommentFunctions.Hosts;

/// <summary>What the Functions host adds to telemetry.</summary>
internal static class HostTelemetry
{
    private const string ConnectionString = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string Authentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>Whether telemetry goes to Application Insights.</summary>
    public static bool IsExported(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration[ConnectionString]);

    /// <summary>
    /// Adds the spans of functions, tied to the host's, and the export to Application Insights, as the managed identity where
    /// <c>APPLICATIONINSIGHTS_AUTHENTICATION_STRING</c> (<c>ClientId=…;Authorization=AAD</c>) is set.
    /// </summary>
    public static void Configure(IOpenTelemetryBuilder telemetry, IConfiguration configuration)
    {
        telemetry.UseFunctionsWorkerDefaults();
        if (IsExported(configuration))
        {
            telemetry.UseAzureMonitorExporter(options =>
            {
                if (configuration[Authentication] is { Length: > 0 } authentication)
                {
                    options.Credential = AzureCredential.Choose("managedidentity", ClientId(authentication));
                }
            });
        }
    }

    private static string? ClientId(string authentication) =>
        new DbConnectionStringBuilder { ConnectionString = authentication }.TryGetValue("ClientId", out var id) ? $"{id}" : null;
}

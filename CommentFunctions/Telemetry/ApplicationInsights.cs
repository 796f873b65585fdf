using System.Data.Common;
using Azure.Monitor.OpenTelemetry.Exporter;
using CommentFunctions.Settings;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;

namespace CommentFunctions.Telemetry;

/// <summary>The export to Application Insights.</summary>
internal static class ApplicationInsights
{
    /// <summary>The setting that says where it is.</summary>
    public const string ConnectionStringSetting = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    private const string Authentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>
    /// Adds the export, as the managed identity where <c>APPLICATIONINSIGHTS_AUTHENTICATION_STRING</c> (<c>ClientId=…;Authorization=AAD</c>)
    /// is set.
    /// </summary>
    public static void Export(IOpenTelemetryBuilder telemetry, IConfiguration configuration) => telemetry.UseAzureMonitorExporter(options =>
    {
        if (configuration[Authentication] is { Length: > 0 } authentication)
        {
            options.Credential = AzureCredential.Choose("managedidentity", ClientId(authentication));
        }
    });

    private static string? ClientId(string authentication) =>
        new DbConnectionStringBuilder { ConnectionString = authentication }.TryGetValue("ClientId", out var id) ? $"{id}" : null;
}

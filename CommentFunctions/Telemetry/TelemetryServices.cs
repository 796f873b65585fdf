using System.Data.Common;
using Azure.Monitor.OpenTelemetry.Exporter;
using CommentFunctions.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace CommentFunctions.Telemetry;

/// <summary>Registers the export of traces, metrics and logs.</summary>
public static class TelemetryServices
{
    // Frameworks tell of each statement and each call that they make; the address of such a call can hold a channel's token.
    private static readonly string[] Quiet = ["Microsoft", "System", "Azure"];

    /// <summary>
    /// Adds the export to a collector where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, and to Application Insights where
    /// <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c> is. With neither, nothing listens to what the app could tell.
    /// </summary>
    /// <param name="builder">The app.</param>
    /// <param name="addHost">Adds what the host tells.</param>
    public static void AddTelemetry(this IHostApplicationBuilder builder, Action<IOpenTelemetryBuilder> addHost)
    {
        builder.Services.AddOptions<TelemetryOptions>().BindConfiguration("").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();

        var toCollector = !string.IsNullOrWhiteSpace(builder.Configuration[TelemetryOptions.EndpointSetting]);
        var toApplicationInsights = !string.IsNullOrWhiteSpace(builder.Configuration[ApplicationInsights.ConnectionStringSetting]);
        if (toCollector || toApplicationInsights)
        {
            var telemetry = new Telemetry(builder.Services);
            AddSources(telemetry, builder.Logging);
            addHost(telemetry);
            if (toCollector)
            {
                telemetry.UseOtlpExporter();
            }

            if (toApplicationInsights)
            {
                ApplicationInsights.Export(telemetry, builder.Configuration);
            }

            builder.Services.AddSingleton<ExportFailures>();
            // After what is measured to the last: services are disposed in the reverse order.
            builder.Services.AddHostedService<TelemetryExport>();
        }
    }

    private static void AddSources(Telemetry telemetry, ILoggingBuilder logging)
    {
        telemetry
            .WithTracing(traces => traces.AddSource(TelemetryNames.App))
            .WithMetrics(metrics => metrics.AddMeter(TelemetryNames.App))
            .WithLogging(_ => { }, logs => logs.IncludeFormattedMessage = true);
        foreach (var category in Quiet)
        {
            logging.AddFilter<OpenTelemetryLoggerProvider>(category, LogLevel.Warning);
        }
    }

    private sealed record Telemetry(IServiceCollection Services) : IOpenTelemetryBuilder;
}

/// <summary>The export to Application Insights.</summary>
internal static class ApplicationInsights
{
    /// <summary>The setting that says where it is.</summary>
    public const string ConnectionStringSetting = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>The setting that chooses fewer spans, by the name that OpenTelemetry gave it; the exporter reads it itself.</summary>
    public const string SamplerSetting = "OTEL_TRACES_SAMPLER";

    private const string Authentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>
    /// Adds the export of everything, or of the share that <see cref="SamplerSetting"/> asks for, as the managed identity where
    /// <c>APPLICATIONINSIGHTS_AUTHENTICATION_STRING</c> (<c>ClientId=…;Authorization=AAD</c>) is set.
    /// </summary>
    public static void Export(IOpenTelemetryBuilder telemetry, IConfiguration configuration)
    {
        var services = telemetry.Services;
        var others = services.ToHashSet();
        // With options of its own it would not read the settings.
        telemetry.UseAzureMonitorExporter();
        // It takes nothing before it is started, and what the other services say at their start is to be told too.
        foreach (var hosted in services.Where(service => service.ServiceType == typeof(IHostedService) && !others.Contains(service)).ToList())
        {
            services.Remove(hosted);
            services.Insert(0, hosted);
        }

        services.Configure<AzureMonitorExporterOptions>(options =>
        {
            if (string.IsNullOrWhiteSpace(configuration[SamplerSetting]))
            {
                // The exporter's own default is a few traces a second, and the limit goes before the ratio.
                options.TracesPerSecond = null;
                options.SamplingRatio = 1;
            }

            // The log is whole in any case: otherwise lines are left out that belong to no span, or to one that is.
            options.EnableTraceBasedLogsSampler = false;
            if (configuration[Authentication] is { Length: > 0 } authentication)
            {
                options.Credential = AzureCredential.Choose("managedidentity", ClientId(authentication));
            }
        });
    }

    private static string? ClientId(string authentication) =>
        new DbConnectionStringBuilder { ConnectionString = authentication }.TryGetValue("ClientId", out var id) ? $"{id}" : null;
}

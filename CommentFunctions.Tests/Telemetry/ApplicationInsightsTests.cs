using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using CommentFunctions.Bot;
using CommentFunctions.Hosts;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;

namespace CommentFunctions.Tests.Telemetry;

[Collection(SpanListening.Name)]
public class ApplicationInsightsTests
{
    private const string ApplicationInsights =
        "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=https://localhost/";

    [Fact]
    public void Application_insights_gets_telemetry_as_the_managed_identity()
    {
        using var host = Build(
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", ApplicationInsights),
            ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "ClientId=3950cbd1-0000-0000-0000-000000000000;Authorization=AAD"));

        Assert.IsType<ManagedIdentityCredential>(Option<AzureMonitorExporterOptions>(host).Credential);
        Assert.Equal(bool.TrueString, Option<WorkerOptions>(host).Capabilities["WorkerOpenTelemetryEnabled"]);
    }

    [Fact]
    public void Application_insights_gets_telemetry_by_its_connection_string_alone()
    {
        using var host = Build(("APPLICATIONINSIGHTS_CONNECTION_STRING", ApplicationInsights));

        Assert.Null(Option<AzureMonitorExporterOptions>(host).Credential);
    }

    [Fact]
    public void Without_either_export_the_functions_host_goes_on_telling_of_the_worker()
    {
        using var host = Build();

        Assert.Null(host.Services.GetService<TracerProvider>());
        Assert.DoesNotContain("WorkerOpenTelemetryEnabled", Option<WorkerOptions>(host).Capabilities.Keys);
    }

    [Fact]
    public async Task An_app_that_cannot_reach_its_collector_or_its_queues_starts_and_stops()
    {
        using var host = Build(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));

        await host.StartAsync();

        Assert.NotNull(host.Services.GetService<TracerProvider>());
        await host.StopAsync();
    }

    private static T Option<T>(IHost host)
        where T : class => host.Services.GetRequiredService<IOptions<T>>().Value;

    private static IHost Build(params (string Name, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => s.Value));
        builder.Configuration["Functions:Worker:HostEndpoint"] = "http://127.0.0.1:1";
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddBot();
        builder.AddFunctionsHost();
        return builder.Build();
    }
}

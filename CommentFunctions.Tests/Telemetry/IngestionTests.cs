using System.Diagnostics;
using Azure.Monitor.OpenTelemetry.Exporter;
using CommentFunctions.Bot;
using CommentFunctions.Hosts;
using CommentFunctions.Telemetry;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Trace;

namespace CommentFunctions.Tests.Telemetry;

/// <summary>What arrives at Application Insights of an app under the Functions host.</summary>
[Collection(SpanListening.Name)]
public sealed class IngestionTests : IAsyncLifetime
{
    private const int Spans = 5_000;

    // Fewer than the exporter's queue holds.
    private const int AtOnce = 500;

    private const string Prefix = "span of this test ";

    private const int FlushInMilliseconds = 60_000;

    private Ingestion ingestion = null!;

    public async Task InitializeAsync() => ingestion = await Ingestion.StartAsync();

    public Task DisposeAsync() => ingestion.DisposeAsync().AsTask();

    [Fact]
    public async Task Every_span_arrives_and_counts_as_one()
    {
        using var host = await StartAsync();

        Assert.Equal(Spans, await TellAsync(host));

        Assert.All(Arrived, span => Assert.Equal(100, span.Share));
    }

    [Theory]
    [InlineData(ActivityTraceFlags.None)]
    [InlineData(ActivityTraceFlags.Recorded)]
    public async Task A_span_arrives_whatever_its_caller_keeps_of_its_own(ActivityTraceFlags caller)
    {
        using var host = await StartAsync();

        Assert.Equal(Spans, await TellAsync(host, () => new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), caller, isRemote: true)));
    }

    [Fact]
    public async Task A_share_that_the_operator_asks_for_arrives_and_stands_for_the_rest()
    {
        using var host = await StartAsync(("OTEL_TRACES_SAMPLER", "microsoft.fixed_percentage"), ("OTEL_TRACES_SAMPLER_ARG", "0.25"));

        await TellAsync(host);

        Assert.All(Arrived, span => Assert.Equal(25, span.Share));
        // Which traces are taken is decided by their random ids: further off than this is one set of ids in a billion.
        Assert.InRange(Arrived.Sum(span => 100 / span.Share), Spans - 1_000, Spans + 1_000);
    }

    [Fact]
    public async Task A_line_of_the_log_arrives_also_where_no_one_records_what_it_belongs_to()
    {
        using var host = await StartAsync();
        using (new Activity("of a framework").Start())
        {
#pragma warning disable CA1848 // One line of a test.
            host.Services.GetRequiredService<ILogger<IngestionTests>>().LogWarning("told without a span");
#pragma warning restore CA1848
        }

        host.Services.GetRequiredService<LoggerProvider>().ForceFlush(FlushInMilliseconds);

        await Wait.UntilAsync(
            "the line arrives",
            () => ingestion.Items.Any(item => item.Kind == "MessageData" && item.Text.Contains("told without a span", StringComparison.Ordinal)));
    }

    // Whoever else makes spans in this process is heard too.
    private List<IngestedItem> Arrived => [.. ingestion.Spans.Where(span => span.Name.StartsWith(Prefix, StringComparison.Ordinal))];

    /// <summary>Makes spans, and waits until as many arrived as are kept; returns how many that are.</summary>
    private async Task<int> TellAsync(IHost host, Func<ActivityContext>? caller = null)
    {
        using var source = new ActivitySource(TelemetryNames.App);
        var exporter = host.Services.GetRequiredService<TracerProvider>();
        var kept = 0;
        for (var told = 0; told < Spans; told += AtOnce)
        {
            foreach (var i in Enumerable.Range(told, AtOnce))
            {
                using var span = source.StartActivity(Prefix + i, ActivityKind.Consumer, caller?.Invoke() ?? default);
                kept += span is { Recorded: true } ? 1 : 0;
            }

            // It may return while the last of them are on their way.
            Assert.True(exporter.ForceFlush(FlushInMilliseconds));
        }

        await Wait.UntilAsync($"{kept} spans arrived", () => Arrived.Count, count => count >= kept);
        return Arrived.Count;
    }

    private async Task<IHost> StartAsync(params (string Name, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => s.Value));
        builder.Configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"] = ingestion.ConnectionString;
        builder.Configuration["Functions:Worker:HostEndpoint"] = "http://127.0.0.1:1";
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddBot();
        builder.AddFunctionsHost();
        // What is sent every few seconds besides has no part in this.
        builder.Services.PostConfigure<AzureMonitorExporterOptions>(options => (options.EnableLiveMetrics, options.DisableOfflineStorage) = (false, true));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}

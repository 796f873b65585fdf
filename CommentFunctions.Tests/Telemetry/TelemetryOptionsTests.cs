using CommentFunctions.Telemetry;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;

namespace CommentFunctions.Tests.Telemetry;

[Collection(SpanListening.Name)]
public class TelemetryOptionsTests
{
    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317", "such as http://localhost:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", "such as http://localhost:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "file:///etc", "such as http://localhost:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "Allowed: grpc, http/protobuf")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "GRPC", "Allowed: grpc, http/protobuf")]
    public void A_setting_that_would_send_telemetry_elsewhere_stops_the_start(string setting, string value, string allowed)
    {
        using var host = Build((setting, value));

        var failure = Assert.Throws<OptionsValidationException>(host.Services.GetRequiredService<IStartupValidator>().Validate);

        Assert.Contains($"{setting} is '{value}'", failure.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void Without_an_endpoint_nothing_listens(string? endpoint)
    {
        using var host = Build(("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"));

        host.Services.GetRequiredService<IStartupValidator>().Validate();

        Assert.Null(host.Services.GetService<TracerProvider>());
        Assert.Empty(host.Services.GetServices<IHostedService>());
    }

    private static IHost Build(params (string Name, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => s.Value));
        builder.AddTelemetry(_ => { });
        return builder.Build();
    }
}

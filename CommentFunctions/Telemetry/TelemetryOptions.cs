using CommentFunctions.Settings;
using Microsoft.Extensions.Configuration;

namespace CommentFunctions.Telemetry;

/// <summary>The settings that say where telemetry goes, by the names that OpenTelemetry gave them; it reads its others itself.</summary>
public sealed class TelemetryOptions
{
    /// <summary>The setting of the collector's address.</summary>
    public const string EndpointSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The setting of the way the collector is spoken to.</summary>
    public const string ProtocolSetting = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>The collector's address; null or empty for no export to a collector.</summary>
    [ConfigurationKeyName(EndpointSetting)]
    public string? Endpoint { get; set; }

    /// <summary><c>grpc</c> or <c>http/protobuf</c>; null or empty for the first.</summary>
    [ConfigurationKeyName(ProtocolSetting)]
    public string? Protocol { get; set; }
}

/// <summary>Says at start what is wrong with the settings. OpenTelemetry would silently export to its default address instead.</summary>
public sealed class TelemetryOptionsValidator : OptionsValidator<TelemetryOptions>
{
    private static readonly string[] Protocols = ["grpc", "http/protobuf"];

    protected override IEnumerable<string> Problems(TelemetryOptions options)
    {
        if (!string.IsNullOrWhiteSpace(options.Endpoint) && !IsHttp(options.Endpoint))
        {
            yield return $"{TelemetryOptions.EndpointSetting} is '{options.Endpoint}'. Allowed: the address of a collector, "
                + "such as http://localhost:4317.";
        }

        if (!string.IsNullOrWhiteSpace(options.Protocol) && !Protocols.Contains(options.Protocol))
        {
            yield return $"{TelemetryOptions.ProtocolSetting} is '{options.Protocol}'. Allowed: {string.Join(", ", Protocols)}.";
        }
    }

    private static bool IsHttp(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https");
}

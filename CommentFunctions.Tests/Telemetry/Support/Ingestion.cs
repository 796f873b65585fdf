using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Telemetry.Support;

/// <summary>An item that Application Insights gets.</summary>
/// <param name="Kind">What it is, such as <c>RequestData</c>, <c>RemoteDependencyData</c> or <c>MessageData</c>.</param>
/// <param name="Name">The name of a span; empty for a line of the log.</param>
/// <param name="Share">The share of such items that were sent, in percent. The service stores 100 divided by it as the item's ItemCount.</param>
/// <param name="Text">All of it.</param>
internal sealed record IngestedItem(string Kind, string Name, double Share, string Text)
{
    public bool IsSpan => Kind is "RequestData" or "RemoteDependencyData";
}

/// <summary>Stands in for the ingestion of Application Insights, over real HTTP on loopback; all else it is asked, such as for live metrics, it takes and forgets.</summary>
internal sealed class Ingestion : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly ConcurrentQueue<IngestedItem> items = new();

    private Ingestion(WebApplication server) => this.server = server;

    public IReadOnlyList<IngestedItem> Items => [.. items];

    public IReadOnlyList<IngestedItem> Spans => [.. items.Where(item => item.IsSpan)];

    /// <summary>The connection string that leads here.</summary>
    public string ConnectionString
    {
        get
        {
            var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            return $"InstrumentationKey={Guid.NewGuid()};IngestionEndpoint={address}/;LiveEndpoint={address}/";
        }
    }

    public static async Task<Ingestion> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var ingestion = new Ingestion(builder.Build());
        ingestion.server.MapPost("/{version}/track", (string version, HttpContext http) => ingestion.TakeAsync(http));
        ingestion.server.MapFallback(() => Results.Ok());
        await ingestion.server.StartAsync();
        return ingestion;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task<IResult> TakeAsync(HttpContext http)
    {
        var isPacked = http.Request.Headers.ContentEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        await using var body = isPacked ? new GZipStream(http.Request.Body, CompressionMode.Decompress) : http.Request.Body;
        using var reader = new StreamReader(body);
        var received = 0;
        while (await reader.ReadLineAsync(http.RequestAborted) is { } line)
        {
            if (line.Length > 0)
            {
                items.Enqueue(Read(line));
                received++;
            }
        }

        return Results.Json(new { itemsReceived = received, itemsAccepted = received, errors = Array.Empty<object>() });
    }

    private static IngestedItem Read(string line)
    {
        using var item = JsonDocument.Parse(line);
        var data = item.RootElement.GetProperty("data");
        var kind = data.GetProperty("baseType").GetString()!;
        var name = data.GetProperty("baseData").TryGetProperty("name", out var given) ? given.GetString() ?? "" : "";
        var share = item.RootElement.TryGetProperty("sampleRate", out var rate) && rate.ValueKind == JsonValueKind.Number ? rate.GetDouble() : 100;
        return new(kind, name, share, line);
    }
}

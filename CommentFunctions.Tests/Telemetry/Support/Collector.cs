using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Telemetry.Support;

/// <summary>A collector on loopback that takes OTLP over HTTP and over gRPC and keeps what it gets.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private const int GrpcFrame = 5;

    private readonly WebApplication server;
    private readonly ConcurrentQueue<(string Signal, byte[] Body)> requests = new();
    private readonly ConcurrentQueue<string> headers = new();

    private Collector(WebApplication server) => this.server = server;

    /// <summary>The settings with which an app exports to here over this protocol.</summary>
    public (string Name, string Value)[] Settings(string protocol) =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", Addresses[protocol == "grpc" ? 1 : 0]),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
    ];

    /// <summary>The values of the header <c>api-key</c> of all requests.</summary>
    public IEnumerable<string> Keys => headers.Distinct();

    public IReadOnlyList<Span> Spans => [.. Bodies("trace").SelectMany(body => Otlp.Spans(body))];

    public IReadOnlyList<Point> Points => [.. Bodies("metrics").SelectMany(body => Otlp.Points(body))];

    public IReadOnlyList<LogRecord> Logs => [.. Bodies("logs").SelectMany(body => Otlp.Logs(body))];

    /// <summary>The signals whose bytes have this text somewhere.</summary>
    public IEnumerable<string> SignalsWith(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return requests.Where(request => request.Body.AsSpan().IndexOf(bytes) >= 0).Select(request => request.Signal).Distinct();
    }

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var collector = new Collector(builder.Build());
        collector.server.MapPost("/v1/{signal}", collector.TakeHttpAsync);
        collector.server.MapPost("/opentelemetry.proto.collector.{signal}.v1.{service}/Export", collector.TakeGrpcAsync);
        await collector.server.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private List<string> Addresses =>
        [.. server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    private IEnumerable<byte[]> Bodies(string signal) => requests.Where(request => request.Signal == signal).Select(request => request.Body);

    private async Task TakeHttpAsync(string signal, HttpContext http)
    {
        // "traces" in the path of HTTP, "trace" in the service's name of gRPC.
        await TakeAsync(signal == "traces" ? "trace" : signal, http.Request, 0);
        http.Response.ContentType = "application/x-protobuf";
    }

    private async Task TakeGrpcAsync(string signal, HttpContext http)
    {
        await TakeAsync(signal, http.Request, GrpcFrame);
        http.Response.ContentType = "application/grpc";
        await http.Response.Body.WriteAsync(new byte[GrpcFrame]);
        http.Response.AppendTrailer("grpc-status", "0");
    }

    private async Task TakeAsync(string signal, HttpRequest request, int frame)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        headers.Enqueue($"{request.Headers["api-key"]}");
        requests.Enqueue((signal, body.ToArray()[frame..]));
    }
}

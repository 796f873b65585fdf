using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Threading.Channels;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>
/// The Functions host's end of the stream that it and its worker talk over:
/// https://github.com/Azure/azure-functions-language-worker-protobuf. A message is a request id and one content, told by its number.
/// </summary>
internal sealed class FunctionsHostStandIn : IAsyncDisposable
{
    public const int StartStream = 20;
    public const int InitRequest = 17;
    public const int InitResponse = 16;
    public const int MetadataRequest = 29;
    public const int MetadataResponse = 30;
    public const int LoadRequest = 8;
    public const int LoadResponse = 9;
    public const int Invocation = 4;
    public const int Terminate = 14;
    public const int Log = 2;

    private const int FrameHead = 5;

    private readonly WebApplication server;
    private readonly Channel<ProtobufField> received = Channel.CreateUnbounded<ProtobufField>();
    private readonly List<ProtobufField> early = [];
    private readonly Channel<byte[]> toSend = Channel.CreateUnbounded<byte[]>();

    private FunctionsHostStandIn(WebApplication server) => this.server = server;

    /// <summary>The arguments that the host starts its worker with, <c>--port</c> among them.</summary>
    public string[] Arguments
    {
        get
        {
            var address = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
            return
            [
                "--host", address.Host, "--port", $"{address.Port}", "--workerId", "worker-1", "--requestId", "request-1", "--grpcMaxMessageLength", "2147483647",
                "--functions-uri", address.ToString(), "--functions-worker-id", "worker-1", "--functions-request-id", "request-1",
                "--functions-grpc-max-message-length", "2147483647",
            ];
        }
    }

    /// <summary>What came and nobody has waited for, for people.</summary>
    public string Heard
    {
        get
        {
            while (received.Reader.TryRead(out var message))
            {
                early.Add(message);
            }

            return string.Join('\n', early.Select(message => $"{message.Number}: {message.Text}"));
        }
    }

    public static async Task<FunctionsHostStandIn> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            // As gRPC has it: a stream may be silent for as long as it likes.
            (kestrel.Limits.MinRequestBodyDataRate, kestrel.Limits.MinResponseDataRate) = (null, null);
        });
        var host = new FunctionsHostStandIn(builder.Build());
        host.server.MapPost("/AzureFunctionsRpcMessages.FunctionRpc/EventStream", host.TalkAsync);
        await host.server.StartAsync();
        return host;
    }

    /// <summary>
    /// Waits for a content of this number that has this text somewhere, and keeps the rest for those who wait for it later: a worker's log has no order with its answers.
    /// </summary>
    /// <param name="content">The number.</param>
    /// <param name="text">The text.</param>
    /// <param name="otherwise">What else to say where it does not come.</param>
    /// <param name="passed">Takes the text of what is passed over.</param>
    public async Task<ProtobufField> ReceiveAsync(int content, string text = "", Func<string>? otherwise = null, Action<string>? passed = null)
    {
        if (early.FindIndex(IsWanted) is >= 0 and var index)
        {
            var came = early[index];
            early.RemoveAt(index);
            return came;
        }

        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await foreach (var message in received.Reader.ReadAllAsync(timeout.Token))
        {
            if (IsWanted(message))
            {
                return message;
            }

            early.Add(message);
            passed?.Invoke(message.Text);
        }

        throw new InvalidOperationException($"The worker ended the stream before it sent {content}. {otherwise?.Invoke()}");

        bool IsWanted(ProtobufField message) => message.Number == content && message.Text.Contains(text, StringComparison.Ordinal);
    }

    /// <summary>What the worker logs from here on, and what it logged that nobody waited for, until it ends.</summary>
    public async Task<IReadOnlyList<string>> LogToTheEndAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await foreach (var message in received.Reader.ReadAllAsync(timeout.Token))
        {
            early.Add(message);
        }

        return [.. early.Where(message => message.Number == Log).Select(message => message.Text)];
    }

    /// <summary>Sends a content to the worker.</summary>
    /// <param name="content">Its number.</param>
    /// <param name="text">Its first field, where it has one.</param>
    public void Send(int content, string text = "") => Send(content, text.Length == 0 ? [] : Field(1, Encoding.UTF8.GetBytes(text)));

    /// <summary>Sends a content to the worker.</summary>
    /// <param name="content">Its number.</param>
    /// <param name="inner">Its fields.</param>
    public void Send(int content, byte[] inner)
    {
        byte[] message = [.. Field(1, "request-2"u8), .. Field(content, inner)];
        var frame = new byte[FrameHead + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, FrameHead);
        toSend.Writer.TryWrite(frame);
    }

    public async ValueTask DisposeAsync()
    {
        toSend.Writer.TryComplete();
        await server.DisposeAsync();
    }

    /// <summary>A field of a message.</summary>
    public static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    /// <summary>A field of a message.</summary>
    public static byte[] Field(int number, ReadOnlySpan<byte> bytes) => [.. Varint((number << 3) | 2), .. Varint(bytes.Length), .. bytes];

    private static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];

    private async Task TalkAsync(HttpContext http)
    {
        http.Response.ContentType = "application/grpc";
        await http.Response.StartAsync();
        var sending = SendAllAsync(http);
        try
        {
            var head = new byte[FrameHead];
            while (await http.Request.Body.ReadAtLeastAsync(head, FrameHead, throwOnEndOfStream: false) == FrameHead)
            {
                var message = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
                await http.Request.Body.ReadExactlyAsync(message);
                foreach (var content in Protobuf.Read(message).Where(field => field.Number != 1))
                {
                    received.Writer.TryWrite(content);
                }
            }
        }
        catch (IOException)
        {
            // The worker's process ended.
        }

        received.Writer.TryComplete();
        toSend.Writer.TryComplete();
        await sending;
    }

    private async Task SendAllAsync(HttpContext http)
    {
        await foreach (var frame in toSend.Reader.ReadAllAsync())
        {
            await http.Response.Body.WriteAsync(frame);
            await http.Response.Body.FlushAsync();
        }
    }
}

using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>The open WebSockets of signal-cli-rest-api in json-rpc mode: what comes in while there is none is for nobody.</summary>
public sealed class SignalSockets
{
    private readonly Lock gate = new();
    private readonly List<WebSocket> open = [];

    /// <summary>How many were opened so far.</summary>
    public int Opened { get; private set; }

    /// <summary>How many callers closed theirs as one should.</summary>
    public int Closed { get; private set; }

    /// <summary>What was received while nobody was connected.</summary>
    public int Dropped { get; private set; }

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return open.Count;
            }
        }
    }

    /// <summary>What is written to a caller that closes, before that is confirmed.</summary>
    public string? LastWords { get; set; }

    /// <summary>Whether each is closed as soon as it is open.</summary>
    public bool IsClosing { get; set; }

    /// <summary>Writes what was received, given as it would be posted to a webhook, to who is there for this account.</summary>
    public async Task ReceiveAsync(params IEnumerable<string> notifications)
    {
        foreach (var received in notifications.Select(text => JsonNode.Parse(text)!["params"]!).Where(r => (string?)r["account"] == SignalStandIn.Number))
        {
            await WriteAsync(received.ToJsonString());
        }
    }

    /// <summary>Writes anything.</summary>
    public async Task WriteAsync(string text)
    {
        var there = There();
        Dropped += there.Count == 0 ? 1 : 0;
        foreach (var socket in there)
        {
            await WriteAsync(socket, text);
        }
    }

    /// <summary>Closes all, as a service that ends.</summary>
    public async Task CloseAsync()
    {
        foreach (var socket in There())
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, CancellationToken.None);
        }
    }

    /// <summary>Breaks all, as a service that is killed.</summary>
    public void Abort() => There().ForEach(socket => socket.Abort());

    /// <summary>Opens one, and listens until it is closed.</summary>
    public async Task TalkAsync(HttpContext http, CancellationToken stopping)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        lock (gate)
        {
            open.Add(socket);
            Opened++;
        }

        try
        {
            if (IsClosing)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stopping);
            }

            var said = await socket.ReceiveAsync(new byte[512], stopping);
            if (said.MessageType != WebSocketMessageType.Close)
            {
                throw new InvalidOperationException("The caller said something.");
            }

            if (socket.State == WebSocketState.CloseReceived)
            {
                Closed++;
                if (LastWords is not null)
                {
                    await WriteAsync(socket, JsonNode.Parse(LastWords)!["params"]!.ToJsonString());
                }

                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stopping);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
        }
        finally
        {
            lock (gate)
            {
                open.Remove(socket);
            }
        }
    }

    // In two frames, as a long text may come.
    private static async Task WriteAsync(WebSocket socket, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        await socket.SendAsync(bytes.AsMemory(0, bytes.Length / 2), WebSocketMessageType.Text, false, CancellationToken.None);
        await socket.SendAsync(bytes.AsMemory(bytes.Length / 2), WebSocketMessageType.Text, true, CancellationToken.None);
    }

    private List<WebSocket> There()
    {
        lock (gate)
        {
            return [.. open];
        }
    }
}

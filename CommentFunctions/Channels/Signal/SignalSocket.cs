using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using CommentFunctions.Bot;

namespace CommentFunctions.Channels.Signal;

/// <summary>
/// Gets what an account receives where signal-cli always runs, in the mode json-rpc: over a WebSocket, to which signal-cli-rest-api writes
/// what comes in while it is open, and which tells nothing of what came before.
/// </summary>
internal sealed class SignalSocket : ISignalSource
{
    /// <summary>How long a connection is open before it counts as one that stays so.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly WebSocket socket;
    private readonly ChannelApi api;
    private readonly TimeProvider clock;
    private Task<ReadOnlyMemory<byte>?>? reading;

    private SignalSocket(WebSocket socket, ChannelApi api, TimeProvider clock) => (this.socket, this.api, this.clock) = (socket, api, clock);

    /// <summary>Connects.</summary>
    /// <exception cref="PermanentChannelException">The service refuses.</exception>
    /// <exception cref="TransientChannelException">It did not get through, or there is no such account.</exception>
    public static async Task<SignalSocket> ConnectAsync(ChannelApi api, string number, TimeProvider clock, CancellationToken cancellationToken)
    {
        // A connection for a number that is not there opens, and stays silent.
        var accounts = await api.PollAsync(HttpMethod.Get, "v1/accounts", null, TimeSpan.Zero, cancellationToken);
        if (accounts.ValueKind != JsonValueKind.Array)
        {
            throw api.NotWhatWasAskedFor();
        }

        if (!accounts.Items().Any(account => account.Text() == number))
        {
            throw new TransientChannelException("signal has no account with this number.");
        }

        return new(await api.ConnectAsync($"v1/receive/{Uri.EscapeDataString(number)}", cancellationToken), api, clock);
    }

    public async Task<TimeSpan> ReceiveAsync(Action<JsonElement> take, CancellationToken stopping, CancellationToken ending)
    {
        reading ??= ReadAsync();
        if (!reading.IsCompleted)
        {
            await Task.WhenAny(reading, Task.Delay(Quiet, clock, stopping));
        }

        stopping.ThrowIfCancellationRequested();
        if (reading.IsCompleted && !await TakeAsync(take))
        {
            throw new SignalClosedException($"{socket.CloseStatus}.");
        }

        return TimeSpan.Zero;
    }

    public async Task EndAsync(Action<JsonElement> take, CancellationToken ending)
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ending);
            do
            {
                reading ??= ReadAsync();
                await reading.WaitAsync(ending);
            }
            while (await TakeAsync(take));
        }
        catch (Exception e) when (e is WebSocketException or SignalClosedException or TransientChannelException or OperationCanceledException)
        {
            // It is closed anyway.
        }
    }

    public void Dispose() => socket.Dispose();

    // False for the end.
    private async Task<bool> TakeAsync(Action<JsonElement> take)
    {
        var read = await reading!;
        reading = null;
        if (read is not { } message)
        {
            return false;
        }

        // What is nothing of the kind is told like what cannot be read.
        take(SignalOutput.ReceivedIn(message).FirstOrDefault());
        return true;
    }

    // Not cancelled: that would end the connection.
    private async Task<ReadOnlyMemory<byte>?> ReadAsync()
    {
        var message = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(message.GetMemory(4096), CancellationToken.None);
                message.Advance(part.Count);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                if (message.WrittenCount > ChannelApi.MaxHandOutBytes)
                {
                    throw api.NotWhatWasAskedFor();
                }

                if (part.EndOfMessage)
                {
                    return message.WrittenMemory;
                }
            }
        }
        catch (WebSocketException e)
        {
            throw new SignalClosedException($"{e.WebSocketErrorCode}.");
        }
    }
}

/// <summary>An open connection ended.</summary>
internal sealed class SignalClosedException(string description) : Exception(description);

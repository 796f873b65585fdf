using System.Net.Sockets;
using System.Text;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>
/// One connection that posts messages to the bot, in as little time as that can be done: it shares the machine with the app, whose
/// time is what is measured.
/// </summary>
internal sealed class MessageClient(Uri address) : IDisposable
{
    private static readonly byte[] Accepted = "HTTP/1.1 202 "u8.ToArray();

    // The app's answers are chunked.
    private static readonly byte[] LastChunk = "\r\n0\r\n\r\n"u8.ToArray();

    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] buffer = new byte[4096];

    /// <summary>Connects.</summary>
    public Task ConnectAsync() => socket.ConnectAsync(address.Host, address.Port);

    /// <summary>Posts one message and waits for its acceptance.</summary>
    /// <exception cref="InvalidOperationException">The app did not accept it.</exception>
    public async Task PostAsync(string conversation, string text)
    {
        var body = $$"""{"conversation":"{{conversation}}","text":"{{text}}"}""";
        var length = Encoding.ASCII.GetBytes(
            $"POST /api/bot/messages HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}",
            buffer);
        await socket.SendAsync(buffer.AsMemory(0, length));
        for (var read = 0; ;)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(read));
            read += received;
            if (received == 0 || !buffer.AsSpan(0, Math.Min(read, Accepted.Length)).SequenceEqual(Accepted.AsSpan(0, Math.Min(read, Accepted.Length))))
            {
                throw new InvalidOperationException("The app did not accept a message: " + Encoding.UTF8.GetString(buffer, 0, read));
            }

            if (buffer.AsSpan(0, read).EndsWith(LastChunk))
            {
                return;
            }
        }
    }

    public void Dispose() => socket.Dispose();
}

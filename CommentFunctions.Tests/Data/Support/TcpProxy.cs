using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CommentFunctions.Tests.Data.Support;

/// <summary>A way to a server that a test can cut: open connections break, and new ones end at once until it is mended.</summary>
public sealed class TcpProxy : IDisposable
{
    private readonly string host;
    private readonly int port;
    private readonly ConcurrentBag<TcpClient> clients = [];
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private volatile bool cut;

    public TcpProxy(string host, int port)
    {
        (this.host, this.port) = (host, port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many of the next connections are accepted and never answered.</summary>
    public int Silent { get; set; }

    // The listener stays: its port, once free, could be taken by any connection that leaves this machine.
    public void Cut()
    {
        cut = true;
        while (clients.TryTake(out var client))
        {
            client.Dispose();
        }
    }

    public void Mend() => cut = false;

    public void Dispose()
    {
        listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptTcpClientAsync();
                if (cut)
                {
                    near.Dispose();
                    continue;
                }

                clients.Add(near);
                if (Silent > 0)
                {
                    Silent--;
                    continue;
                }

                var far = new TcpClient();
                clients.Add(far);
                await far.ConnectAsync(host, port);
                _ = PumpAsync(near, far);
                _ = PumpAsync(far, near);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }

        from.Dispose();
        to.Dispose();
    }
}

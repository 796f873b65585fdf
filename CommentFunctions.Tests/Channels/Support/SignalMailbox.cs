using System.Text.Json.Nodes;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>
/// An account's messages at Signal, and signal-cli, which takes them from there: for who asked, and for good, whether or not the answer
/// arrives.
/// </summary>
public sealed class SignalMailbox
{
    private readonly Lock gate = new();
    private readonly Queue<string> waiting = [];
    private readonly List<List<string>> handedOut = [];

    /// <summary>How many messages nobody has asked for yet.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    /// <summary>What each time that gave anything gave, in order.</summary>
    public IReadOnlyList<IReadOnlyList<string>> HandedOut
    {
        get
        {
            lock (gate)
            {
                return [.. handedOut.Where(batch => batch.Count > 0).Select(batch => batch.ToList())];
            }
        }
    }

    /// <summary>Keeps what people sent, given as it would be posted to a webhook.</summary>
    public void Keep(params IEnumerable<string> notifications)
    {
        var received = notifications.Select(text => JsonNode.Parse(text)!["params"]!.ToJsonString()).ToList();
        lock (gate)
        {
            received.ForEach(waiting.Enqueue);
        }
    }

    /// <summary>Gives what there is: until there are so many, or for so long nothing more.</summary>
    public async Task<IReadOnlyList<string>> ReceiveAsync(TimeSpan timeout, int most, CancellationToken ended)
    {
        List<string> received = [];
        lock (gate)
        {
            handedOut.Add(received);
        }

        for (var end = DateTime.UtcNow + timeout; received.Count < most && DateTime.UtcNow < end; await Task.Delay(10, ended))
        {
            lock (gate)
            {
                while (received.Count < most && waiting.TryDequeue(out var next))
                {
                    received.Add(next);
                    end = DateTime.UtcNow + timeout;
                }
            }
        }

        return received;
    }
}

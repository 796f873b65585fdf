namespace CommentFunctions.Channels;

/// <summary>
/// Ends exchanges that would go on for ever, such as one with a program that answers each reply: of what a conversation sent within one
/// minute of the clock, so much is answered and no more. For one process, in memory: several let through as much each.
/// </summary>
/// <remarks>
/// By when a message was sent, not by when it came: what waited at the service while the app was away comes all at once, and is answered.
/// A message that was let through once is let through again, for a service repeats what the queue did not take.
/// </remarks>
public sealed class ConversationRateLimit(IEnumerable<ReplyLimit> limits, TimeProvider clock)
{
    private const int MostConversations = 10_000;

    private static readonly TimeSpan Generation = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, int> most = limits.ToDictionary(limit => limit.Channel, limit => limit.PerMinute);
    private readonly Lock gate = new();
    private Dictionary<Minute, Exchange> young = [];
    private Dictionary<Minute, Exchange> old = [];
    private long begun = clock.GetTimestamp();

    /// <summary>How many messages of a minute are let through on this channel.</summary>
    public int MostOf(string channel) => most.GetValueOrDefault(channel, int.MaxValue);

    /// <summary>Whether a message is to be answered.</summary>
    /// <param name="channel">Its channel; one without a limit has no brake.</param>
    /// <param name="conversation">Its conversation.</param>
    /// <param name="id">Its id, the same in each repeat.</param>
    /// <param name="sentAt">When it was sent.</param>
    public BrakeVerdict Judge(string channel, string conversation, string id, DateTimeOffset sentAt)
    {
        if (!most.TryGetValue(channel, out var limit))
        {
            return BrakeVerdict.Admitted;
        }

        lock (gate)
        {
            var exchange = Find(new(channel, conversation, sentAt.UtcTicks / TimeSpan.TicksPerMinute));
            if (exchange.Admitted.Contains(id) || (exchange.Admitted.Count < limit && exchange.Admitted.Add(id)))
            {
                return BrakeVerdict.Admitted;
            }

            var verdict = exchange.IsRefused ? BrakeVerdict.Refused : BrakeVerdict.FirstRefused;
            exchange.IsRefused = true;
            return verdict;
        }
    }

    // What nobody asked for during a generation is forgotten with it, without ever being searched for.
    private Exchange Find(Minute minute)
    {
        if (clock.GetElapsedTime(begun) >= Generation || young.Count >= MostConversations)
        {
            (old, young, begun) = (young, [], clock.GetTimestamp());
        }

        if (!young.TryGetValue(minute, out var exchange))
        {
            young[minute] = exchange = old.GetValueOrDefault(minute) ?? new();
        }

        return exchange;
    }

    private readonly record struct Minute(string Channel, string Conversation, long Number);

    private sealed class Exchange
    {
        public HashSet<string> Admitted { get; } = [];

        public bool IsRefused { get; set; }
    }
}

/// <summary>How many messages of one conversation a channel answers of those sent within a minute.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="PerMinute">How many.</param>
public sealed record ReplyLimit(string Channel, int PerMinute);

/// <summary>What the brake says of a message.</summary>
public enum BrakeVerdict
{
    /// <summary>It is answered.</summary>
    Admitted,

    /// <summary>It is not answered, and is the first such one of its conversation and minute.</summary>
    FirstRefused,

    /// <summary>It is not answered either.</summary>
    Refused,
}

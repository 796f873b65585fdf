namespace CommentFunctions.Channels;

/// <summary>
/// A fixed-window rate limit for each conversation, which ends endless exchanges such as one with a program that answers each reply: of
/// the messages that a conversation sent within one minute of the clock, so many are permitted and no more. Kept in memory, for one
/// process: several permit as many each.
/// </summary>
/// <remarks>
/// A message counts for the minute it was sent in, not the one it came in: what waited at the service while the app was away comes all at
/// once, and is answered. A permitted message stays permitted, since a service repeats what the queue did not take.
/// </remarks>
public sealed class ConversationRateLimit(IEnumerable<ReplyLimit> limits, TimeProvider clock)
{
    private const int MostWindows = 10_000;

    private static readonly TimeSpan Generation = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, int> permitsPerMinute = limits.ToDictionary(limit => limit.Channel, limit => limit.PerMinute);
    private readonly Lock gate = new();
    private Dictionary<WindowKey, Window> young = [];
    private Dictionary<WindowKey, Window> old = [];
    private long begun = clock.GetTimestamp();

    /// <summary>How many messages of a conversation are permitted in a minute on this channel.</summary>
    public int PermitsPerMinute(string channel) => permitsPerMinute.GetValueOrDefault(channel, int.MaxValue);

    /// <summary>Acquires a permit for a message to be answered.</summary>
    /// <param name="channel">Its channel; one without a limit permits all.</param>
    /// <param name="conversation">Its conversation.</param>
    /// <param name="id">Its id, the same in each repeat.</param>
    /// <param name="sentAt">When it was sent.</param>
    public RateLimitResult Acquire(string channel, string conversation, string id, DateTimeOffset sentAt)
    {
        if (!permitsPerMinute.TryGetValue(channel, out var permits))
        {
            return RateLimitResult.Permitted;
        }

        lock (gate)
        {
            var window = Find(new(channel, conversation, sentAt.UtcTicks / TimeSpan.TicksPerMinute));
            if (window.Permitted.Contains(id) || (window.Permitted.Count < permits && window.Permitted.Add(id)))
            {
                return RateLimitResult.Permitted;
            }

            var result = window.HasRejected ? RateLimitResult.Rejected : RateLimitResult.FirstRejected;
            window.HasRejected = true;
            return result;
        }
    }

    // A window that is not used for a generation is dropped with it, without a search for old ones.
    private Window Find(WindowKey key)
    {
        if (clock.GetElapsedTime(begun) >= Generation || young.Count >= MostWindows)
        {
            (old, young, begun) = (young, [], clock.GetTimestamp());
        }

        if (!young.TryGetValue(key, out var window))
        {
            young[key] = window = old.GetValueOrDefault(key) ?? new();
        }

        return window;
    }

    private readonly record struct WindowKey(string Channel, string Conversation, long Minute);

    private sealed class Window
    {
        public HashSet<string> Permitted { get; } = [];

        public bool HasRejected { get; set; }
    }
}

/// <summary>How many messages of one conversation a channel answers of those sent within a minute.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="PerMinute">How many.</param>
public sealed record ReplyLimit(string Channel, int PerMinute);

/// <summary>What the rate limit says of a message.</summary>
public enum RateLimitResult
{
    /// <summary>It is answered.</summary>
    Permitted,

    /// <summary>It is not answered, and is the first such message of its conversation and minute.</summary>
    FirstRejected,

    /// <summary>It is not answered either.</summary>
    Rejected,
}

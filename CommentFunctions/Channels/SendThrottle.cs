namespace CommentFunctions.Channels;

/// <summary>
/// Spreads a channel's messages over time: so far apart in all, and so far apart in one conversation. For one process; where several
/// run, the service itself says when it was too much.
/// </summary>
/// <remarks>The framework's rate limiters measure by a clock of their own, and cannot say how long a wait would be.</remarks>
internal sealed class SendThrottle(TimeSpan spacing, TimeProvider clock)
{
    private const int ForgetFrom = 1_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Free> conversations = [];
    private readonly long start = clock.GetTimestamp();
    private Free next;

    private TimeSpan Now => clock.GetElapsedTime(start);

    /// <summary>Ends when the slot has come: null; or at once, with the wait that there would be, where that is longer than allowed.</summary>
    public async Task<TimeSpan?> WaitAsync(SendSlot slot, TimeSpan longest, CancellationToken cancellationToken)
    {
        var before = Now;
        // The conversation's slot first: one that has to wait long must not take a slot of the channel that others could use.
        var wait = ReserveInConversation(slot, longest);
        if (wait <= longest)
        {
            await DelayAsync(wait, cancellationToken);
            wait = ReserveInAll(longest - (Now - before));
            if (wait <= longest - (Now - before))
            {
                await DelayAsync(wait, cancellationToken);
                return null;
            }
        }

        return wait;
    }

    /// <summary>Lets nothing go to a conversation, or to any, for a time, because the service asks for that.</summary>
    /// <param name="slot">The conversation; null for all.</param>
    /// <param name="time">For how long.</param>
    /// <param name="why">What the service said.</param>
    public void Hold(SendSlot? slot, TimeSpan time, string why)
    {
        lock (gate)
        {
            Free held = new(Now + time, why);
            if (slot is null)
            {
                next = Later(next, held);
            }
            else
            {
                conversations[slot.Conversation] = Later(conversations.GetValueOrDefault(slot.Conversation), held);
            }
        }
    }

    /// <summary>What the service said when it asked for the wait that this slot has; null where it did not.</summary>
    public string? WhyHeld(SendSlot slot)
    {
        lock (gate)
        {
            return Later(conversations.GetValueOrDefault(slot.Conversation), next) is var free && free.At > Now ? free.Why : null;
        }
    }

    private TimeSpan ReserveInConversation(SendSlot slot, TimeSpan longest)
    {
        lock (gate)
        {
            var now = Now;
            Forget(now);
            var at = AtOrNow(conversations.GetValueOrDefault(slot.Conversation), now);
            if (at - now <= longest && slot.Spacing > TimeSpan.Zero)
            {
                conversations[slot.Conversation] = new(at + slot.Spacing);
            }

            return at - now;
        }
    }

    private TimeSpan ReserveInAll(TimeSpan longest)
    {
        lock (gate)
        {
            var now = Now;
            var at = AtOrNow(next, now);
            if (at - now <= longest)
            {
                next = new(at + spacing);
            }

            return at - now;
        }
    }

    private static TimeSpan AtOrNow(Free free, TimeSpan now) => free.At > now ? free.At : now;

    private static Free Later(Free a, Free b) => a.At > b.At ? a : b;

    private Task DelayAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        wait > TimeSpan.Zero ? Task.Delay(wait, clock, cancellationToken) : Task.CompletedTask;

    private void Forget(TimeSpan now)
    {
        if (conversations.Count >= ForgetFrom)
        {
            foreach (var (conversation, _) in conversations.Where(c => c.Value.At <= now).ToList())
            {
                conversations.Remove(conversation);
            }
        }
    }

    /// <summary>From when on messages may go, and what the service said where it asked for the wait.</summary>
    private readonly record struct Free(TimeSpan At, string? Why = null);
}

/// <summary>A message's slot to be sent.</summary>
/// <param name="Conversation">Where it goes.</param>
/// <param name="Spacing">How far apart messages to that conversation are; zero for no limit of its own.</param>
internal sealed record SendSlot(string Conversation, TimeSpan Spacing = default);

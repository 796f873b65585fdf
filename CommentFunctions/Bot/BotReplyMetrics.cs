using System.Diagnostics.Metrics;
using CommentFunctions.Telemetry;

namespace CommentFunctions.Bot;

/// <summary>Counts what becomes of the bot's replies.</summary>
public sealed class BotReplyMetrics
{
    private readonly Counter<long> replies;

    /// <summary>Makes the counter.</summary>
    public BotReplyMetrics(IMeterFactory meters)
    {
        replies = meters.Create(TelemetryNames.App).CreateCounter<long>(
            TelemetryNames.BotReplies, "{reply}", "What became of the bot's replies.");
    }

    /// <summary>Counts one reply: <see cref="TelemetryNames.Delivered"/> and the like.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="channel">Its channel; null where none is known.</param>
    public void Count(string outcome, IBotChannel? channel)
    {
        if (channel is null)
        {
            replies.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Outcome, outcome));
        }
        else
        {
            Add(outcome, channel.Name);
        }
    }

    /// <summary>Counts a message that has no reply, for its conversation had as many as it may have.</summary>
    /// <param name="channel">The channel's name.</param>
    public void CountBraked(string channel) => Add(TelemetryNames.Braked, channel);

    private void Add(string outcome, string channel) =>
        replies.Add(1, new(TelemetryNames.Outcome, outcome), new(TelemetryNames.Channel, channel));
}

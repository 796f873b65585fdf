using System.Diagnostics;
using System.Diagnostics.Metrics;
using CommentFunctions.Telemetry;

namespace CommentFunctions.Bot;

/// <summary>Counts what becomes of the bot's replies.</summary>
public sealed class BotReplyMetrics(IMeterFactory meters)
{
    private readonly Counter<long> replies = meters.Create(TelemetryNames.App).CreateCounter<long>(
        TelemetryNames.BotReplies, "{reply}", "What became of the bot's replies.");

    /// <summary>Counts one reply.</summary>
    /// <param name="outcome">What became of it, such as <see cref="TelemetryNames.Delivered"/>.</param>
    /// <param name="channel">The name of its channel; null where none is known.</param>
    public void Count(string outcome, string? channel)
    {
        TagList tags = new() { { TelemetryNames.Outcome, outcome } };
        if (channel is not null)
        {
            tags.Add(TelemetryNames.Channel, channel);
        }

        replies.Add(1, tags);
    }
}

/// <summary>Sends replies by their channels, and measures that: a span and a duration for each.</summary>
public sealed class ChannelSends(IMeterFactory meters)
{
    private static readonly ActivitySource Spans = new(TelemetryNames.App);

    // Seconds, from the shortest that a store takes to the longest that a message's lock lets a channel wait.
    private static readonly double[] Boundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private readonly Histogram<double> durations = meters.Create(TelemetryNames.App).CreateHistogram(
        TelemetryNames.ChannelSendDuration,
        "s",
        "The time a channel took to send a reply.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Boundaries });

    /// <summary>Sends the reply.</summary>
    /// <exception cref="Exception">Whatever the channel throws.</exception>
    public Task SendAsync(IBotChannel channel, BotReply reply, CancellationToken cancellationToken) =>
        durations.Enabled || Spans.HasListeners()
            ? MeasuredAsync(channel, reply, cancellationToken)
            : channel.SendAsync(reply, cancellationToken);

    private async Task MeasuredAsync(IBotChannel channel, BotReply reply, CancellationToken cancellationToken)
    {
        using var span = Spans.StartActivity($"send {channel.Name}", ActivityKind.Client);
        var start = Stopwatch.GetTimestamp();
        var tags = new TagList { { TelemetryNames.Channel, channel.Name } };
        try
        {
            await channel.SendAsync(reply, cancellationToken);
            tags.Add(TelemetryNames.Outcome, TelemetryNames.Sent);
        }
        catch (Exception e)
        {
            var cancelled = e is OperationCanceledException && cancellationToken.IsCancellationRequested;
            tags.Add(TelemetryNames.Outcome, cancelled ? TelemetryNames.Cancelled : TelemetryNames.Failed);
            tags.Add(TelemetryNames.ErrorType, e.GetType().FullName);
            // Without the exception's message: what a service answered may quote what it was sent.
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            durations.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
            foreach (var (name, value) in tags)
            {
                span?.SetTag(name, value);
            }
        }
    }
}

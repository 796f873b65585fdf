using System.Diagnostics.Metrics;
using CommentFunctions.Data;
using CommentFunctions.Telemetry;

namespace CommentFunctions.Expiry;

/// <summary>Measures the expiry job.</summary>
public sealed class ExpiryMetrics
{
    // Seconds, from a run that finds nothing to one that the host's time limit ends.
    private static readonly double[] Boundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];

    private readonly Counter<long> deleted;
    private readonly Histogram<double> durations;

    public ExpiryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(TelemetryNames.App);
        deleted = meter.CreateCounter<long>(TelemetryNames.ExpiredDeleted, "{comment}", "Expired comments deleted.");
        durations = meter.CreateHistogram(
            TelemetryNames.ExpiryDuration,
            "s",
            "The time of a run of the expiry job.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Boundaries });
    }

    public void Deleted(int comments) => deleted.Add(comments);

    /// <summary>Measures a run that has ended. Dry runs are left out: they delete nothing.</summary>
    public void Ended(ExpiryRun run)
    {
        if (durations.Enabled && !run.DryRun && run.Duration is { } duration)
        {
            durations.Record(
                duration.TotalSeconds,
                new(TelemetryNames.Outcome, run.Outcome.ToString().ToLowerInvariant()),
                // People have too many names for a metric.
                new(TelemetryNames.TriggeredBy, ExpiryRequest.KindOf(run.TriggeredBy)));
        }
    }
}

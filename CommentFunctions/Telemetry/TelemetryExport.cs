using System.Diagnostics.Tracing;
using System.Globalization;
using CommentFunctions.Failures;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CommentFunctions.Telemetry;

/// <summary>Keeps the exporters at work from the app's start on, and lets them send what they still hold when it ends.</summary>
/// <remarks>
/// They end when the services are disposed, not when hosted services are stopped: functions may finish until after that, and what
/// they did shall be told too.
/// </remarks>
public sealed class TelemetryExport(TracerProvider traces, MeterProvider metrics, LoggerProvider logs, ExportFailures failures)
    : IHostedService, IDisposable
{
    // For all of them together: a collector that does not answer must not hold up the app's end.
    private const int LongestFlushInMilliseconds = 5_000;

    /// <summary>Does nothing: that this service was made is what made the exporters.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what is left, for 5 seconds at most.</summary>
    public void Dispose()
    {
        Task.WaitAll(
        [
            Task.Run(() => traces.Shutdown(LongestFlushInMilliseconds)),
            Task.Run(() => metrics.Shutdown(LongestFlushInMilliseconds)),
            Task.Run(() => logs.Shutdown(LongestFlushInMilliseconds)),
        ], LongestFlushInMilliseconds);
        failures.Dispose();
    }
}

/// <summary>
/// Logs that telemetry does not reach its destination, once in ten minutes at most. The exporters themselves tell only those who
/// listen to their event sources, so that a mistyped address would go unnoticed.
/// </summary>
public sealed partial class ExportFailures(TimeProvider clock, ILogger<ExportFailures> logger) : EventListener
{
    private const int LongestReason = 300;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly Lock sync = new();
    private DateTimeOffset next;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name is "OpenTelemetry-Exporter-OpenTelemetryProtocol" or "OpenTelemetry-AzureMonitor-Exporter")
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (IsDue())
        {
            Log.NotExported(logger, Reason(eventData));
        }
    }

    private bool IsDue()
    {
        lock (sync)
        {
            var now = clock.GetUtcNow();
            if (now < next)
            {
                return false;
            }

            next = now + Pause;
            return true;
        }
    }

    // The first line: after it come stack traces.
    private static string Reason(EventWrittenEventArgs eventData)
    {
        var text = string.Format(CultureInfo.InvariantCulture, eventData.Message ?? "{0}", [.. eventData.Payload ?? [], "", "", ""]);
        var line = text.FirstLine();
        return line.Length > LongestReason ? line[..LongestReason] : line;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Telemetry is lost; the app goes on without. {Reason}")]
        public static partial void NotExported(ILogger logger, string reason);
    }
}

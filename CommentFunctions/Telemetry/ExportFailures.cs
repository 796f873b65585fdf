using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Telemetry;

/// <summary>
/// Logs that telemetry does not reach its destination, once in ten minutes at most. The exporters themselves tell only those who
/// listen to their event sources, so that a mistyped address would go unnoticed.
/// </summary>
public sealed partial class ExportFailures(TimeProvider clock, ILogger<ExportFailures> logger) : EventListener
{
    private const int LongestReason = 300;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly Lock turn = new();
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
        if (IsTurn())
        {
            Log.NotExported(logger, Reason(eventData));
        }
    }

    private bool IsTurn()
    {
        lock (turn)
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
        var line = text.Split('\n', 2)[0].Trim();
        return line.Length > LongestReason ? line[..LongestReason] : line;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Telemetry is lost; the app goes on without. {Reason}")]
        public static partial void NotExported(ILogger logger, string reason);
    }
}

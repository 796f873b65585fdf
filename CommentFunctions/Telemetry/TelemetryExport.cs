using Microsoft.Extensions.Hosting;
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

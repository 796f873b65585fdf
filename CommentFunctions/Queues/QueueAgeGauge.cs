using System.Diagnostics.Metrics;
using CommentFunctions.Failures;
using CommentFunctions.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Queues;

/// <summary>Measures the age of each queue's oldest message from the app's start on, whenever metrics are collected.</summary>
public sealed partial class QueueAgeGauge(IMeterFactory meters, IQueueStatus status, TimeProvider clock, ILogger<QueueAgeGauge> logger) : IHostedService
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, SingleFlight<TimeSpan?>> ages = QueueNames.All.ToDictionary(
        queue => queue, queue => new SingleFlight<TimeSpan?>(cancel => status.FindOldestAgeAsync(queue, cancel), Timeout, clock));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        meters.Create(TelemetryNames.App).CreateObservableGauge(
            TelemetryNames.QueueOldestAge, Measure, "s", "The age of the oldest message of the queue.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<double>> Measure() =>
        from queue in QueueNames.All
        let age = Find(queue)
        where age is not null
        select new Measurement<double>(age.Value.TotalSeconds, new KeyValuePair<string, object?>(TelemetryNames.Queue, queue));

    // A gauge is asked synchronously, by the exporter's own thread, which is there to wait.
    private TimeSpan? Find(string queue)
    {
        try
        {
            return ages[queue].RunAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            // Functions that need the queue log its failure louder.
            Log.Unknown(logger, e, queue);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The age of the oldest message of {Queue} could not be found out.")]
        public static partial void Unknown(ILogger logger, Exception exception, string queue);
    }
}

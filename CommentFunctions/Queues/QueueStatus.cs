using System.Diagnostics.Metrics;
using CommentFunctions.Failures;
using CommentFunctions.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Queues;

/// <summary>What waits in a queue, where the host can tell.</summary>
public interface IQueueStatus
{
    /// <summary>How many messages wait in this queue; null where it is not known.</summary>
    /// <exception cref="QueueUnavailableException">The queue cannot take or give messages now.</exception>
    Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken);

    /// <summary>The age of the oldest message that is to be delivered now; zero where there is none, null where it is not known.</summary>
    Task<TimeSpan?> FindOldestAgeAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>The messages of one queue.</summary>
/// <param name="Active">To be delivered now.</param>
/// <param name="Scheduled">To be delivered later.</param>
/// <param name="DeadLettered">Given up on, with a reason each.</param>
/// <param name="OldestAge">As <see cref="IQueueStatus.FindOldestAgeAsync"/>; left out where it is not known.</param>
public sealed record QueueDepth(long Active, long Scheduled, long DeadLettered, TimeSpan? OldestAge);

/// <summary>A queue cannot take or give messages now.</summary>
/// <param name="problem">Why, as a clause that anyone may read: it names no address and quotes no message.</param>
/// <param name="inner">The failure.</param>
public sealed class QueueUnavailableException(string problem, Exception inner) : Exception(problem, inner);

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

using System.Collections.Concurrent;
using CommentFunctions.Channels;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Failures;
using CommentFunctions.Queues;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Health;

/// <summary>Finds out how the app is doing: asks all its parts at once, and gives each as long as the others.</summary>
public sealed partial class HealthReporter(
    CommentStore store,
    CommentSchema schema,
    Retention retention,
    IServiceScopeFactory scopes,
    ExpiryRunLog log,
    ExpirySchedule schedule,
    IQueueStatus status,
    DisabledTriggers disabled,
    ChannelFaults faults,
    TimeProvider clock,
    ILogger<HealthReporter> logger)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly SingleFlight<string?> writing = new(cancel => CheckWritableAsync(store, scopes, cancel), Timeout, clock);
    private readonly SingleFlight<LastRuns> runs = new(log.FindLastAsync, Timeout, clock);
    private readonly Dictionary<string, SingleFlight<QueueDepth?>> queues = QueueNames.All.ToDictionary(
        queue => queue, queue => new SingleFlight<QueueDepth?>(cancel => status.CountAsync(queue, cancel), Timeout, clock));

    // The last problem of each part: it is logged when it begins, not at each check.
    private readonly ConcurrentDictionary<string, string> problems = new();

    /// <summary>The report; what cannot be found out is null in it.</summary>
    public async Task<HealthReport> ReportAsync(CancellationToken cancellationToken)
    {
        var asked = queues.Keys.Select(async queue => (Name: queue, Answer: await AskAsync(queues[queue], queue, cancellationToken))).ToList();
        var reading = AskAsync(runs, "expiry runs", cancellationToken);
        var written = await AskAsync(writing, store.Name, cancellationToken);
        var read = await reading;
        var depths = await Task.WhenAll(asked);

        bool? overdue = read.Value is { } known ? schedule.IsOverdue(known.Success?.StartedAt) : null;
        var reasons = new HealthReasons(clock.GetUtcNow());
        reasons.AddStore(store.Name, written.Problem ?? written.Value, read.Problem);
        reasons.AddSchedule(schedule, read.Value, overdue == true);
        foreach (var (queue, depth) in depths)
        {
            reasons.AddQueue(queue, depth.Value, depth.Problem);
        }

        reasons.AddDisabled(disabled.InBackground);
        reasons.AddChannels(faults);
        // The report needs no key to be read; who asked for a run and why it failed is for the operator's list of runs.
        var last = read.Value?.Newest is { } newest
            ? ExpiryRunView.Of(newest, clock.GetUtcNow()) with { Error = null, TriggeredBy = ExpiryRequest.KindOf(newest.TriggeredBy) }
            : null;
        return new(
            reasons.State,
            reasons.All,
            new(store.Name, schema.Name, read.Problem is null, written is { Problem: null, Value: null }),
            depths.ToDictionary(d => d.Name, d => d.Answer.Value),
            retention.Age,
            schedule.IsLeftOut || disabled.Includes(nameof(DeleteExpiredComments)) ? null : schedule.Next,
            last,
            overdue,
            disabled.All);
    }

    private static async Task<string?> CheckWritableAsync(CommentStore store, IServiceScopeFactory scopes, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await store.CheckWritableAsync(scope.ServiceProvider.GetRequiredService<CommentDbContext>(), cancellationToken);
    }

    private async Task<Answer<T>> AskAsync<T>(SingleFlight<T> part, string what, CancellationToken cancellationToken)
    {
        try
        {
            var value = await part.RunAsync(cancellationToken);
            Note(what, value as string, null);
            return new(value, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The report is public, and any other message may name a host or quote data.
            var problem = e switch
            {
                TimeoutException => $"it did not answer within {Timeout.TotalSeconds} s" + (FindCause(part.Finished) is { } cause ? $"; before that: {cause}" : ""),
                QueueUnavailableException => e.Message,
                _ => "it failed; the log of the app says how",
            };
            Note(what, problem, e);
            return new(default, problem);
        }
    }

    // What an attempt that has ended said for everybody.
    private static string? FindCause<T>(Task<T>? finished) => finished switch
    {
        { IsCompletedSuccessfully: true } => finished.Result as string,
        { Exception.InnerException: QueueUnavailableException e } => e.Message,
        _ => null,
    };

    private void Note(string what, string? problem, Exception? exception)
    {
        if (problem is null)
        {
            if (problems.TryRemove(what, out _))
            {
                Log.WellAgain(logger, what);
            }
        }
        else if (!problems.TryGetValue(what, out var before) || before != problem)
        {
            problems[what] = problem;
            Log.InTrouble(logger, exception, what, problem);
        }
    }

    private sealed record Answer<T>(T? Value, string? Problem);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Health check of {What}: {Problem}.")]
        public static partial void InTrouble(ILogger logger, Exception? exception, string what, string problem);

        [LoggerMessage(2, LogLevel.Information, "Health check of {What}: it is well again.")]
        public static partial void WellAgain(ILogger logger, string what);
    }
}

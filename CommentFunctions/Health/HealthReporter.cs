using System.Collections.Concurrent;
using CommentFunctions.Channels;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Queues;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Health;

/// <summary>Finds out how the app is doing: asks all its parts at once, and gives each as long as the others.</summary>
public sealed partial class HealthReporter
{
    private readonly CommentStore store;
    private readonly ExpirySchedule schedule;
    private readonly DisabledTriggers disabled;
    private readonly ChannelFaults faults;
    private readonly TimeProvider clock;
    private readonly ILogger<HealthReporter> logger;
    private readonly SharedQuestion<string?> writing;
    private readonly SharedQuestion<LastRuns> runs;
    private readonly Dictionary<string, SharedQuestion<QueueDepth?>> queues;

    // What was said of a part when it was asked last: a trouble is logged when it begins, not each time that somebody asks.
    private readonly ConcurrentDictionary<string, string> troubles = new();

    /// <summary>Makes the questions.</summary>
    public HealthReporter(
        CommentStore store,
        IServiceScopeFactory scopes,
        ExpiryRunLog log,
        ExpirySchedule schedule,
        IQueueStatus status,
        DisabledTriggers disabled,
        ChannelFaults faults,
        TimeProvider clock,
        ILogger<HealthReporter> logger)
    {
        (this.store, this.schedule, this.disabled, this.faults, this.clock, this.logger) = (store, schedule, disabled, faults, clock, logger);
        writing = new(
            async cancel =>
            {
                await using var scope = scopes.CreateAsyncScope();
                return await store.CheckWritableAsync(scope.ServiceProvider.GetRequiredService<CommentDbContext>(), cancel);
            },
            clock);
        runs = new(log.FindLastAsync, clock);
        queues = QueueNames.All.ToDictionary(queue => queue, queue => new SharedQuestion<QueueDepth?>(cancel => status.CountAsync(queue, cancel), clock));
    }

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
        reasons.AddChannels(faults.All);
        // The report needs no key to be read; why a run failed is for the operator's list of runs.
        var last = read.Value?.Newest is { } newest ? ExpiryRunView.Of(newest, clock.GetUtcNow()) with { Error = null } : null;
        return new(
            reasons.State,
            reasons.All,
            new(store.Name, read.Problem is null, written is { Problem: null, Value: null }),
            depths.ToDictionary(d => d.Name, d => d.Answer.Value),
            last,
            overdue,
            disabled.All);
    }

    private async Task<Answer<T>> AskAsync<T>(SharedQuestion<T> question, string what, CancellationToken cancellationToken)
    {
        try
        {
            var value = await question.AskAsync(cancellationToken);
            Note(what, value as string, null);
            return new(value, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Only what was written to be read by everybody; any other message may name a host or quote data.
            var problem = e switch
            {
                TimeoutException => $"it did not answer within {Questions.Timeout.TotalSeconds} s",
                QueueUnavailableException => e.Message,
                _ => "it failed; the log of the app says how",
            };
            Note(what, problem, e);
            return new(default, problem);
        }
    }

    private void Note(string what, string? problem, Exception? exception)
    {
        if (problem is null)
        {
            if (troubles.TryRemove(what, out _))
            {
                Log.WellAgain(logger, what);
            }
        }
        else if (!troubles.TryGetValue(what, out var before) || before != problem)
        {
            troubles[what] = problem;
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

using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Data;
using CommentFunctions.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>
/// Has the runs that an operator asks for done by an invocation of their own, which a message on a queue starts: they go on when their
/// caller hangs up, and in Azure an instance may go once it has answered.
/// </summary>
public sealed partial class OperatorRuns(ExpiryRunLog runs, QueueSender sender, TimeProvider clock, ILogger<OperatorRuns> logger)
{
    // Azure's front end gives up after 230 seconds.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(200);

    // A run of this process wakes its caller; these are for one of another.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> waiting = new();

    /// <summary>Starts a run and waits for its end; returns its record, which has no end yet where that takes too long.</summary>
    /// <exception cref="BadHttpRequestException">The queue did not take it (503).</exception>
    /// <param name="run">The run, as it is planned.</param>
    /// <param name="userName">The user to erase; null where comments expire.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ExpiryRun> StartAsync(ExpiryRun run, string? userName, CancellationToken cancellationToken)
    {
        run.Outcome = RunOutcome.Waiting;
        await runs.AddAsync(run, cancellationToken);
        var end = waiting.GetOrAdd(run.Id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await SendAsync(run, userName);
            return await WaitAsync(run, end.Task, cancellationToken);
        }
        finally
        {
            waiting.TryRemove(run.Id, out _);
        }
    }

    /// <summary>Does a run; a caller in this process that waits is told of its end, and of what made it fail.</summary>
    public async Task RunAsync(Guid id, Func<Task> work)
    {
        try
        {
            await work();
            waiting.GetValueOrDefault(id)?.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            waiting.GetValueOrDefault(id)?.TrySetResult();
            throw;
        }
        catch (Exception e)
        {
            waiting.GetValueOrDefault(id)?.TrySetException(e);
            throw;
        }
    }

    private async Task SendAsync(ExpiryRun run, string? userName)
    {
        try
        {
            // Not with the caller's token: the run is recorded, and is expected to be done.
            await sender.SendAsync(QueueNames.ExpiryRuns, QueueJson.Write(run.Id.ToString(), new AskedRun(run.Id, userName)), CancellationToken.None);
        }
        catch (Exception e)
        {
            Log.NotSent(logger, e, run.Id);
            (run.Outcome, run.Error) = (RunOutcome.Failed, "The queue did not take it.");
            await EndAsync(run);
            throw new BadHttpRequestException(
                $"The queue {QueueNames.ExpiryRuns}, which starts the run, did not take it, and nothing was deleted. "
                + "Try again in a moment; the failure is logged.",
                StatusCodes.Status503ServiceUnavailable,
                e);
        }
    }

    private async Task EndAsync(ExpiryRun run)
    {
        try
        {
            await runs.EndAsync(run);
        }
        catch (Exception e)
        {
            // It is recorded later; the caller is to hear of the queue.
            Log.NotEnded(logger, e, run.Id);
        }
    }

    private async Task<ExpiryRun> WaitAsync(ExpiryRun run, Task end, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause < LongestPause ? pause * 1.5 : LongestPause)
        {
            var wait = Task.Delay(pause, clock, cancellationToken);
            await (end.IsCompletedSuccessfully ? wait : await Task.WhenAny(end, wait));
            run = await LookAsync(run, cancellationToken);
            if (!run.IsOpen || run.IsSilent(clock.GetUtcNow()) || clock.GetElapsedTime(start) >= Timeout)
            {
                return run;
            }
        }
    }

    private async Task<ExpiryRun> LookAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        try
        {
            return await runs.FindAsync(run.Id, cancellationToken) ?? run;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The run goes on, or says itself what is wrong with the store.
            Log.NotSeen(logger, e, run.Id);
            return run;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Expiry run {Id} could not be sent to the queue; its caller was told.")]
        public static partial void NotSent(ILogger logger, Exception exception, Guid id);

        [LoggerMessage(3, LogLevel.Warning, "That expiry run {Id} was not begun could not be recorded yet.")]
        public static partial void NotEnded(ILogger logger, Exception exception, Guid id);

        [LoggerMessage(2, LogLevel.Debug, "The record of expiry run {Id} could not be read; it is read again.")]
        public static partial void NotSeen(ILogger logger, Exception exception, Guid id);
    }
}

/// <summary>
/// Does a run of the expiry job that an operator asked for. A message starts its run once: delivered again, to a run that has ended or
/// lost its process, it does nothing.
/// </summary>
public sealed class RunExpiry(ExpiryJob job, OperatorRuns runs, FailurePolicy policy)
{
    [Function(nameof(RunExpiry))]
    public Task RunAsync(
        [ServiceBusTrigger(QueueNames.ExpiryRuns, Connection = QueueNames.Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        policy.RunAsync(
            QueueNames.ExpiryRuns,
            message,
            actions,
            (_, cancel) =>
            {
                var asked = QueueJson.Read<AskedRun>(message);
                return runs.RunAsync(asked.Id, () => job.RunWaitingAsync(asked.Id, asked.UserName, cancel));
            },
            cancellationToken);
}

/// <summary>The message that starts a run.</summary>
/// <param name="Id">The run, whose record waits.</param>
/// <param name="UserName">The user to erase; null where comments expire.</param>
public sealed record AskedRun(Guid Id, string? UserName = null);

/// <summary>Whether the caller's own invocation does the runs that an operator asks for: beside a command no function listens to a queue.</summary>
public sealed record ForegroundRuns(bool Always)
{
    /// <summary>Who runs functions here by hand, for the records of runs: the person at the console, or <paramref name="caller"/>.</summary>
    public string Operator(string caller) => Always ? $"console {Environment.UserName}@{Environment.MachineName}" : caller;
}

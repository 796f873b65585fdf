using CommentFunctions.Bot;
using Functions.LocalRuntime.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Channels;

/// <summary>
/// Asks a channel's service for messages, where <c>Channels:{Name}:Receive</c> is <c>Polling</c>, for as long as the app serves. Whatever
/// goes wrong, it asks again, less and less often; the log has each kind of trouble once until it is over, and health knows of it.
/// </summary>
/// <param name="service">What it asks.</param>
/// <param name="options">The channel's settings.</param>
/// <param name="faults">Learns whether messages come in.</param>
/// <param name="lifetime">Tells when the app serves, and when it is to stop.</param>
/// <param name="clock">The clock by which it waits.</param>
/// <param name="logger">Where it says what is wrong.</param>
/// <param name="api">The way to the service; null where the channel is not configured or off.</param>
/// <param name="command">The command that runs in place of an app that serves.</param>
public abstract partial class ServicePolling(
    PolledService service,
    PollableOptions options,
    ChannelFaults faults,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger logger,
    ChannelApi? api,
    CommandRun? command) : BackgroundService
{
    /// <summary>The pause after the first failure; each further one has twice the last one's.</summary>
    protected static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause, unless the service asks for more.</summary>
    protected static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private Exception? trouble;
    private long troubledAt;
    private int failures;

    /// <summary>The clock by which it waits.</summary>
    protected TimeProvider Clock => clock;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A command runs beside a process that serves, which is the one that polls.
        if (api is null || command is not null || !options.IsPolling)
        {
            return;
        }

        // At the word to stop, before running functions are waited for: what would come in now, the next process asks for.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            // A start that fails takes no poll away from a process that serves.
            var started = new TaskCompletionSource();
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(stopping.Token);
            Log.Begun(logger, service.Name);
            while (true)
            {
                await PollOrPauseAsync(api, stopping.Token);
            }
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
        }
    }

    /// <summary>Asks once, and returns when the queue has what came; how long to wait before the next time.</summary>
    protected abstract Task<TimeSpan> PollAsync(ChannelApi calls, CancellationToken stopping);

    /// <summary>Learns of each failure, before the next poll.</summary>
    protected virtual void OnFailure(Exception failure)
    {
    }

    /// <summary>Logs a failure that only this service has; false for another.</summary>
    protected virtual bool TellOwn(Exception failure) => false;

    /// <summary>How long after a failure of this kind a poll that succeeds does not mean yet that it is over.</summary>
    protected virtual TimeSpan DoubtAfter(Exception failure) => TimeSpan.Zero;

    private async Task PollOrPauseAsync(ChannelApi calls, CancellationToken stopping)
    {
        TimeSpan pause;
        try
        {
            pause = await PollAsync(calls, stopping);
            Succeed();
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            // Also what nobody thought of: it would end the app.
            pause = Fail(e);
        }

        await Task.Delay(pause, clock, stopping);
    }

    private void Succeed()
    {
        if (trouble is null || clock.GetElapsedTime(troubledAt) < DoubtAfter(trouble))
        {
            return;
        }

        (trouble, failures) = (null, 0);
        faults.Set(options, ChannelTrouble.Silent, false);
        Log.Again(logger, service.Name);
    }

    // How long to wait before the next poll.
    private TimeSpan Fail(Exception e)
    {
        OnFailure(e);
        // Once for each kind of trouble.
        if (trouble?.GetType() != e.GetType())
        {
            Tell(e);
            faults.Set(options, ChannelTrouble.Silent, true);
        }

        (trouble, troubledAt) = (e, clock.GetTimestamp());
        var pause = FirstPause * Math.Pow(2, Math.Min(failures++, 10));
        return (e as TransientChannelException)?.RetryAfter ?? (pause < LongestPause ? pause : LongestPause);
    }

    private void Tell(Exception e)
    {
        if (TellOwn(e))
        {
            return;
        }

        if (e is PermanentChannelException or TransientChannelException)
        {
            Log.Silent(logger, service.Name, e.Message, service.Check);
        }
        else
        {
            Log.NotKept(logger, e, service.Name, service.Meanwhile);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "No messages come in from {Service}: {Why} The app goes on asking. If it stays so, check {Check}.")]
        public static partial void Silent(ILogger logger, string service, string why, string check);

        [LoggerMessage(4, LogLevel.Error, "The queue does not take what comes in from {Service}. {Meanwhile}")]
        public static partial void NotKept(ILogger logger, Exception exception, string service, string meanwhile);

        [LoggerMessage(6, LogLevel.Information, "The app asks {Service} for the bot's messages.")]
        public static partial void Begun(ILogger logger, string service);

        [LoggerMessage(7, LogLevel.Information, "Messages come in from {Service} again.")]
        public static partial void Again(ILogger logger, string service);
    }
}

/// <summary>What the app asks for messages, in words for the log.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Check">What may be wrong where it does not answer as it should.</param>
/// <param name="Meanwhile">A sentence that says where a message is that the queue does not take.</param>
public sealed record PolledService(string Name, string Check, string Meanwhile);

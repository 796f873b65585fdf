using System.Text.Json;
using CommentFunctions.Bot;
using Functions.LocalRuntime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Signal;

/// <summary>
/// Gets the account's messages from signal-cli-rest-api, as its mode wants it. What that has given is nowhere else any more: the app asks for
/// nothing further before the queue has it, and ends no call in the middle unless that takes too long.
/// </summary>
public sealed partial class SignalPolling(
    WebhookIntake intake,
    ChannelFaults faults,
    IOptions<SignalOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<SignalPolling> logger,
    [FromKeyedServices(SignalOptions.ChannelName)] ChannelApi? api = null,
    CommandRun? command = null) : ServicePolling(Service, options.Value, faults, lifetime, clock, logger, api, command)
{
    private static readonly PolledService Service = new(
        "signal-cli-rest-api",
        "Channels:Signal:ApiAddress, Channels:Signal:Number and its own log",
        "The app keeps it in memory, and goes on trying; if the app is killed before, it is lost.");

    private readonly List<IncomingText> held = [];
    private ISignalSource? source;
    private bool isWarned;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            if (source is not null)
            {
                using var ending = new CancellationTokenSource(options.Value.CallTimeout, Clock);
                await source.EndAsync(Hold, ending.Token);
            }

            await TakeAsync(cancellationToken);
        }
        catch (Exception e)
        {
            Log.Lost(logger, e, held.Count);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        source?.Dispose();
    }

    protected override async Task<TimeSpan> PollAsync(ChannelApi calls, CancellationToken stopping)
    {
        using var ending = new CancellationTokenSource(Timeout.InfiniteTimeSpan, Clock);
        await using var registration = stopping.Register(() => ending.CancelAfter(options.Value.CallTimeout));
        await TakeAsync(ending.Token);
        source ??= await ChooseAsync(calls, stopping);
        try
        {
            return await source.ReceiveAsync(Hold, stopping, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Log.BrokenOff(logger);
            throw;
        }
        catch (Exception) when (!stopping.IsCancellationRequested)
        {
            // It may have been started anew, in another mode.
            source.Dispose();
            source = null;
            throw;
        }
        finally
        {
            await TakeAsync(ending.Token);
        }
    }

    protected override bool TellOwn(Exception failure)
    {
        if (failure is SignalClosedException)
        {
            Log.Closed(logger, failure.Message);
        }

        return failure is SignalClosedException;
    }

    protected override TimeSpan DoubtAfter(Exception failure) => failure is SignalClosedException ? SignalSocket.Quiet : TimeSpan.Zero;

    private async Task<ISignalSource> ChooseAsync(ChannelApi calls, CancellationToken cancellationToken)
    {
        var about = await calls.PollAsync(HttpMethod.Get, "v1/about", null, TimeSpan.Zero, cancellationToken);
        var mode = about.Find("mode").Text() ?? throw calls.NotWhatWasAskedFor();
        calls.IsOneAtATime = mode is "normal" or "native";
        if (calls.IsOneAtATime)
        {
            return new SignalCalls(calls, options.Value.Number!);
        }

        if (mode != "json-rpc")
        {
            throw new TransientChannelException($"signal runs in the mode {mode}, which the app does not know.");
        }

        if (!isWarned)
        {
            isWarned = true;
            Log.KeepsNothing(logger);
        }

        return await SignalSocket.ConnectAsync(calls, options.Value.Number!, Clock, cancellationToken);
    }

    private void Hold(JsonElement received)
    {
        if (received.As<SignalParams>() is { } known && SignalQuestions.Read(known, options.Value, logger) is { } call)
        {
            held.AddRange(call.Texts);
        }
        else
        {
            Log.Unreadable(logger);
        }
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        if (held.Count > 0)
        {
            await intake.TakeAsync(SignalOptions.ChannelName, IncomingCall.Of([.. held]), cancellationToken);
            held.Clear();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8, LogLevel.Warning, "signal-cli-rest-api runs in json-rpc mode: what people write while the app is down or not connected is lost. Start it with MODE=native, and it waits at Signal.")]
        public static partial void KeepsNothing(ILogger logger);

        [LoggerMessage(9, LogLevel.Warning, "signal-cli-rest-api closed the connection: {Why} The app connects again; what people write before is lost.")]
        public static partial void Closed(ILogger logger, string why);

        [LoggerMessage(2, LogLevel.Error, "The app ends, and the queue did not take {Count} messages that came in from signal-cli-rest-api. They are lost.")]
        public static partial void Lost(ILogger logger, Exception exception, int count);

        [LoggerMessage(3, LogLevel.Warning, "Something that came in from signal-cli-rest-api cannot be read and is left out.")]
        public static partial void Unreadable(ILogger logger);

        [LoggerMessage(5, LogLevel.Warning, "The app ends, and signal-cli-rest-api has not answered yet. Messages that come with its answer are lost.")]
        public static partial void BrokenOff(ILogger logger);
    }
}

/// <summary>A way to get what an account receives.</summary>
internal interface ISignalSource : IDisposable
{
    /// <summary>Gets what there is; how long to wait before the next time.</summary>
    /// <param name="take">Takes each thing that was received, also where the rest fails.</param>
    /// <param name="stopping">Says that nothing more has to be waited for.</param>
    /// <param name="ending">Breaks it off, and what was on its way is lost.</param>
    /// <exception cref="PermanentChannelException">The service refuses.</exception>
    /// <exception cref="TransientChannelException">It did not get through.</exception>
    Task<TimeSpan> ReceiveAsync(Action<JsonElement> take, CancellationToken stopping, CancellationToken ending);

    /// <summary>Gets what is on its way, and has no more sent.</summary>
    Task EndAsync(Action<JsonElement> take, CancellationToken ending);
}

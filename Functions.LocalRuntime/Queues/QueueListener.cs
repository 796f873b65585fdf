using System.Collections.Concurrent;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Functions.LocalRuntime.Settings;

namespace Functions.LocalRuntime.Queues;

/// <summary>Gives each message of one queue to its function, <c>maxConcurrentCalls</c> at a time, and settles it by the outcome.</summary>
internal sealed partial class QueueListener(
    FunctionDescriptor function,
    QueueStore store,
    FunctionInvoker invoker,
    HostJsonOptions host,
    LocalRuntimeOptions options,
    TimeProvider clock,
    ILogger<QueueListener> logger) : IDisposable
{
    // Also how soon a message is seen that another process sent, or that was scheduled or comes back from a lost lock.
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRenewal = TimeSpan.FromSeconds(5);

    private readonly QueueTrigger trigger = (QueueTrigger)function.Trigger;
    private readonly SemaphoreSlim slots = new(host.MaxConcurrentCalls);
    private readonly ConcurrentDictionary<ServiceBusReceivedMessage, DateTimeOffset> working = new();

    /// <summary>Listens until cancelled, and ends once the messages being worked on are finished.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        using var finished = new CancellationTokenSource();
        var renewal = RenewAsync(finished.Token);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await DeliverAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                Log.ReceiveFailed(logger, e, trigger.Queue);
                await Task.Delay(Poll, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        // With every slot free nothing is worked on, also nothing that was received while the host was told to stop.
        for (var slot = 0; slot < host.MaxConcurrentCalls; slot++)
        {
            await slots.WaitAsync(CancellationToken.None);
        }

        await finished.CancelAsync();
        await renewal;
    }

    public void Dispose() => slots.Dispose();

    private async Task DeliverAsync(CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        var free = 1;
        var used = 0;
        try
        {
            while (slots.Wait(0, CancellationToken.None))
            {
                free++;
            }

            var messages = await store.ReceiveAsync(trigger.Queue, free);
            foreach (var message in messages)
            {
                working[message] = clock.GetUtcNow();
                used++;
                _ = WorkAsync(message);
            }
        }
        finally
        {
            if (used < free)
            {
                slots.Release(free - used);
            }
        }

        if (used == 0)
        {
            await store.WaitForArrivalAsync(trigger.Queue, Poll, cancellationToken);
        }
    }

    private async Task WorkAsync(ServiceBusReceivedMessage message)
    {
        // Off the receiving loop: a function that runs long before its first await must not hold up the others.
        await Task.Yield();
        var actions = new LocalMessageActions(store, trigger.Queue);
        try
        {
            var context = Context(function, message, actions, "message");
            await invoker.InvokeAsync(context, _ => Task.FromResult(context.Outcome = actions.Outcome ?? context.Outcome));
            if (trigger.AutoCompleteMessages && !actions.Settled && !await store.CompleteAsync(message))
            {
                Log.LockLost(logger, message.MessageId, trigger.Queue);
            }
        }
        catch (Exception)
        {
            await GiveBackAsync(message, actions);
        }
        finally
        {
            working.TryRemove(message, out _);
            slots.Release();
        }
    }

    private async Task GiveBackAsync(ServiceBusReceivedMessage message, LocalMessageActions actions)
    {
        try
        {
            if (!actions.Settled)
            {
                await store.AbandonAsync(trigger.Queue, message);
            }
        }
        catch (Exception e)
        {
            Log.AbandonFailed(logger, e, message.MessageId, trigger.Queue);
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var every = options.LockDuration / 3 < LongestRenewal ? options.LockDuration / 3 : LongestRenewal;
        var longest = host.MaxAutoLockRenewalDuration == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : host.MaxAutoLockRenewalDuration;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(every, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                var now = clock.GetUtcNow();
                var held = working.Where(w => now - w.Value >= every && now - w.Value < longest).Select(w => w.Key).ToList();
                if (held.Count > 0)
                {
                    await store.RenewAsync(held);
                }

                await store.SweepAsync();
            }
            catch (Exception e)
            {
                Log.RenewalFailed(logger, e, trigger.Queue);
            }
        }
    }

    /// <summary>An invocation for this message, with the metadata that functions bind by name.</summary>
    public static LocalFunctionContext Context(
        FunctionDescriptor function, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, string reason)
    {
        var traceParent = message.ApplicationProperties.GetValueOrDefault("Diagnostic-Id") as string;
        Func<Dictionary<string, object?>> metadata = () => new(StringComparer.OrdinalIgnoreCase)
        {
            ["MessageId"] = message.MessageId,
            ["DeliveryCount"] = message.DeliveryCount,
            ["SequenceNumber"] = message.SequenceNumber,
            ["EnqueuedTimeUtc"] = message.EnqueuedTime.UtcDateTime,
            ["ExpiresAtUtc"] = message.ExpiresAt.UtcDateTime,
            ["CorrelationId"] = message.CorrelationId,
            ["Subject"] = message.Subject,
            ["ContentType"] = message.ContentType,
            ["LockToken"] = message.LockToken,
        };
        var context = new LocalFunctionContext(function, $"{reason}, delivery {message.DeliveryCount}", message, metadata, traceParent);
        context.Features.Set(actions);
        return context;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Receiving from {Queue} failed; it is tried again")]
        public static partial void ReceiveFailed(ILogger logger, Exception exception, string queue);

        [LoggerMessage(2, LogLevel.Warning, "The lock of message {MessageId} of {Queue} was lost before it could be completed; the queue delivers it again")]
        public static partial void LockLost(ILogger logger, string messageId, string queue);

        [LoggerMessage(3, LogLevel.Error, "Message {MessageId} of {Queue} could not be given back; it comes back when its lock ends")]
        public static partial void AbandonFailed(ILogger logger, Exception exception, string messageId, string queue);

        [LoggerMessage(4, LogLevel.Error, "Renewing the locks of {Queue} failed; it is tried again")]
        public static partial void RenewalFailed(ILogger logger, Exception exception, string queue);
    }
}

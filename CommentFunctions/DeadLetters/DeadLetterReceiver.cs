using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.DeadLetters;

/// <summary>
/// Takes chosen messages out of a sub-queue. A queue gives its oldest messages, not those that are asked for: the others that come
/// first are held until the chosen ones were found, and given back.
/// </summary>
public sealed partial class DeadLetterReceiver(TimeProvider clock, ILogger<DeadLetterReceiver> logger)
{
    /// <summary>The most messages that are held besides the chosen ones; a message may have up to 256 KB.</summary>
    public const int MostHeld = 2000;

    private const int BatchSize = 32;

    // Less than the minute for which a message is locked at least: what is held must not come back while it is being searched for.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(40);

    // Enough to open the connection to a queue. Only a search for messages that another run holds waits for all of it.
    private static readonly TimeSpan FirstMessage = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan GivingBack = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Receives the wanted messages as far as they can be had, does <paramref name="before"/> with each and removes it then, from the
    /// queue and from <paramref name="wanted"/>; not one for which that is false.
    /// </summary>
    public async Task TakeAsync(
        ServiceBusReceiver receiver, HashSet<long> wanted, Func<ServiceBusReceivedMessage, Task<bool>> before, CancellationToken cancellationToken)
    {
        var held = new HashSet<ServiceBusReceivedMessage>();
        var start = clock.GetTimestamp();
        try
        {
            while (wanted.Count > 0 && held.Count < MostHeld && clock.GetElapsedTime(start) < Timeout
                && await receiver.ReceiveMessagesAsync(BatchSize, FirstMessage, cancellationToken) is { Count: > 0 } batch)
            {
                held.UnionWith(batch);
                foreach (var message in batch.Where(m => wanted.Contains(m.SequenceNumber)))
                {
                    if (!await before(message))
                    {
                        continue;
                    }

                    held.Remove(message);
                    if (await SettledAsync(() => receiver.CompleteMessageAsync(message, cancellationToken)))
                    {
                        wanted.Remove(message.SequenceNumber);
                    }
                }
            }
        }
        finally
        {
            await GiveBackAsync(receiver, held);
        }
    }

    // Not with the caller's token: what is held is given back also when the caller has gone.
    private async Task GiveBackAsync(ServiceBusReceiver receiver, HashSet<ServiceBusReceivedMessage> held)
    {
        using var timeout = new CancellationTokenSource(GivingBack, clock);
        try
        {
            await Parallel.ForEachAsync(
                held,
                new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = timeout.Token },
                async (message, token) => await SettledAsync(() => receiver.AbandonMessageAsync(message, cancellationToken: token)));
        }
        catch (Exception e)
        {
            Log.NotGivenBack(logger, e);
        }
    }

    /// <summary>Settles a message; false where its lock is lost, so that it is in the queue again or was settled by another receiver.</summary>
    private static async Task<bool> SettledAsync(Func<Task> settle)
    {
        try
        {
            await settle();
            return true;
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessageLockLost)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Some dead letters could not be given back; they are locked until their locks run out.")]
        public static partial void NotGivenBack(ILogger logger, Exception exception);
    }
}

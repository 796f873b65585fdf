using Azure.Messaging.ServiceBus;
using CommentFunctions.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.DeadLetters;

/// <summary>
/// What an operator does with the messages that a queue gave up on. A dead letter is removed after it was sent again, never before:
/// a failure between the two leaves it where it was, and sending it once more makes no second reply.
/// </summary>
public sealed partial class DeadLetterTools(
    Lazy<ServiceBusClient> client, QueueSender sender, DeadLetterReceiver deadLetters, ILogger<DeadLetterTools> logger)
{
    /// <summary>The most dead letters that one call replays.</summary>
    public const int MostAtOnce = 1000;

    /// <summary>Looks at the dead letters from this sequence number on; locks none of them.</summary>
    public Task<DeadLetterPage> ListAsync(string queue, int limit, long from, CancellationToken cancellationToken) =>
        AtQueueAsync(queue, async receiver =>
        {
            // One more than asked for tells whether there is a next page.
            var found = await PeekAsync(receiver, limit + 1, from, cancellationToken);
            return new DeadLetterPage(
                [.. found.Take(limit).Select(m => DeadLetterView.Of(queue, m))], found.Count > limit ? found[limit].SequenceNumber : null);
        });

    /// <summary>Sends a dead letter to its queue again. The log has the caller.</summary>
    public Task<TakenDeadLetter> ReplayAsync(string queue, long sequenceNumber, string caller, CancellationToken cancellationToken) =>
        TakeOneAsync(
            queue,
            sequenceNumber,
            async message =>
            {
                await SendAsync(queue, message, caller, cancellationToken);
                return true;
            },
            cancellationToken);

    /// <summary>Removes a dead letter for good. The log has the caller.</summary>
    public Task<TakenDeadLetter> DropAsync(string queue, long sequenceNumber, string caller, CancellationToken cancellationToken) =>
        TakeOneAsync(
            queue,
            sequenceNumber,
            message =>
            {
                Log.Dropping(logger, message.SequenceNumber, queue, message.OriginalId(), caller);
                return Task.FromResult(true);
            },
            cancellationToken);

    /// <summary>
    /// Sends the dead letters that are there now to their queue again, at most <see cref="MostAtOnce"/>; not those that come while it
    /// works, among which may be the same messages, given up on once more.
    /// </summary>
    public Task<ReplayView> ReplayAllAsync(string queue, string caller, CancellationToken cancellationToken) => AtQueueAsync(queue, async receiver =>
    {
        var found = await PeekAsync(receiver, MostAtOnce + 1, 0, cancellationToken);
        var wanted = found.Take(MostAtOnce).Select(m => m.SequenceNumber).ToHashSet();
        var count = wanted.Count;
        try
        {
            await deadLetters.TakeAsync(receiver, wanted, message => TrySendAsync(queue, message, caller, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException && wanted.Count < count)
        {
            Log.Failed(logger, e, queue);
            throw Unreachable($"The queue failed after {count - wanted.Count} dead letters were sent again; the others are still there", e);
        }

        return new ReplayView(queue, count - wanted.Count, wanted.Count, found.Count > MostAtOnce);
    });

    /// <summary>
    /// A dead letter as a message to send again, with an id that tells this replay from others: the queue takes it although it has seen
    /// the message, and drops it if the same dead letter is sent twice, as after a crash. Counts of attempts start anew; a reply that was
    /// sent is not sent again.
    /// </summary>
    public static ServiceBusMessage CopyOf(ServiceBusReceivedMessage deadLetter) =>
        // What tells one replay from another stands in front, where no id is cut.
        deadLetter.CopyAs($"replay:{deadLetter.SequenceNumber}:{deadLetter.OriginalId()}");

    private static async Task<List<ServiceBusReceivedMessage>> PeekAsync(
        ServiceBusReceiver receiver, int most, long from, CancellationToken cancellationToken)
    {
        var found = new List<ServiceBusReceivedMessage>();
        while (found.Count < most && await receiver.PeekMessagesAsync(Math.Min(most - found.Count, 100), from, cancellationToken) is { Count: > 0 } page)
        {
            found.AddRange(page);
            from = page[^1].SequenceNumber + 1;
        }

        return found;
    }

    private static BadHttpRequestException Unreachable(string what, Exception inner) =>
        new($"{what}. Try again in a moment; the failure is logged.", StatusCodes.Status503ServiceUnavailable, inner);

    private Task<TakenDeadLetter> TakeOneAsync(
        string queue, long sequenceNumber, Func<ServiceBusReceivedMessage, Task<bool>> before, CancellationToken cancellationToken) =>
        AtQueueAsync(queue, async receiver =>
        {
            var peeked = await receiver.PeekMessagesAsync(1, sequenceNumber, cancellationToken);
            if (peeked.Count == 0 || peeked[0].SequenceNumber != sequenceNumber)
            {
                return TakenDeadLetter.NotThere;
            }

            var wanted = new HashSet<long> { sequenceNumber };
            await deadLetters.TakeAsync(receiver, wanted, before, cancellationToken);
            return wanted.Count == 0 ? TakenDeadLetter.Taken : TakenDeadLetter.OutOfReach;
        });

    private async Task SendAsync(string queue, ServiceBusReceivedMessage deadLetter, string caller, CancellationToken cancellationToken)
    {
        await sender.SendAsync(queue, CopyOf(deadLetter), cancellationToken);
        Log.Sent(logger, deadLetter.SequenceNumber, queue, deadLetter.OriginalId(), caller);
    }

    /// <summary>Sends a dead letter; false where it is one that no queue takes, which must not keep the others back.</summary>
    private async Task<bool> TrySendAsync(string queue, ServiceBusReceivedMessage deadLetter, string caller, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(queue, deadLetter, caller, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is NotSupportedException
            or ArgumentException
            or ServiceBusException { Reason: ServiceBusFailureReason.MessageSizeExceeded })
        {
            Log.NotSendable(logger, e, deadLetter.SequenceNumber, queue, deadLetter.OriginalId());
            return false;
        }
    }

    private async Task<T> AtQueueAsync<T>(string queue, Func<ServiceBusReceiver, Task<T>> work)
    {
        try
        {
            var receiver = client.Value.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
            try
            {
                return await work(receiver);
            }
            finally
            {
                await CloseAsync(receiver, queue);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException and not BadHttpRequestException)
        {
            Log.Failed(logger, e, queue);
            throw Unreachable("The queue cannot be reached, or it failed; its dead letters are still there", e);
        }
    }

    // A failure to close the receiver does not undo the work.
    private async Task CloseAsync(ServiceBusReceiver receiver, string queue)
    {
        try
        {
            await receiver.DisposeAsync();
        }
        catch (Exception e)
        {
            Log.NotClosed(logger, e, queue);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Dead letter {SequenceNumber} of {Queue} ({Id}) was sent again by {Caller}.")]
        public static partial void Sent(ILogger logger, long sequenceNumber, string queue, string id, string caller);

        [LoggerMessage(2, LogLevel.Information, "Dead letter {SequenceNumber} of {Queue} ({Id}) is dropped by {Caller}.")]
        public static partial void Dropping(ILogger logger, long sequenceNumber, string queue, string id, string caller);

        [LoggerMessage(3, LogLevel.Error, "The dead letters of {Queue} could not be worked on.")]
        public static partial void Failed(ILogger logger, Exception exception, string queue);

        [LoggerMessage(4, LogLevel.Warning, "Dead letter {SequenceNumber} of {Queue} ({Id}) cannot be sent again as it is, and is left. Drop it.")]
        public static partial void NotSendable(ILogger logger, Exception exception, long sequenceNumber, string queue, string id);

        [LoggerMessage(5, LogLevel.Debug, "The receiver of the dead letters of {Queue} could not be closed.")]
        public static partial void NotClosed(ILogger logger, Exception exception, string queue);
    }
}

/// <summary>What became of one dead letter.</summary>
public enum TakenDeadLetter
{
    /// <summary>It was done, and the dead letter is gone.</summary>
    Taken,

    /// <summary>There is none with this number.</summary>
    NotThere,

    /// <summary>It is there, but another run holds it, or too many others stand before it.</summary>
    OutOfReach,
}

using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.DeadLetters;

/// <summary>
/// What an operator does with the messages that a queue gave up on. A dead letter is removed after it was sent again, never before:
/// a failure between the two leaves it where it was, and sending it once more makes no second reply.
/// </summary>
public sealed partial class DeadLetterTools(
    Lazy<ServiceBusClient> client, BotSender sender, DeadLetterHolder holder, ILogger<DeadLetterTools> logger)
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

    /// <summary>Sends a dead letter to its queue again.</summary>
    public Task<TakenDeadLetter> ReplayAsync(string queue, long sequenceNumber, CancellationToken cancellationToken) =>
        TakeOneAsync(queue, sequenceNumber, message => SendAsync(queue, message, cancellationToken), cancellationToken);

    /// <summary>Removes a dead letter for good.</summary>
    public Task<TakenDeadLetter> DropAsync(string queue, long sequenceNumber, CancellationToken cancellationToken) =>
        TakeOneAsync(
            queue,
            sequenceNumber,
            message =>
            {
                Log.Dropping(logger, message.SequenceNumber, queue, message.OriginalId());
                return Task.CompletedTask;
            },
            cancellationToken);

    /// <summary>
    /// Sends the dead letters that are there now to their queue again, at most <see cref="MostAtOnce"/>; not those that come while it
    /// works, among which may be the same messages, given up on once more.
    /// </summary>
    public Task<ReplayView> ReplayAllAsync(string queue, CancellationToken cancellationToken) => AtQueueAsync(queue, async receiver =>
    {
        var found = await PeekAsync(receiver, MostAtOnce + 1, 0, cancellationToken);
        var wanted = found.Take(MostAtOnce).Select(m => m.SequenceNumber).ToHashSet();
        var count = wanted.Count;
        try
        {
            await holder.TakeAsync(receiver, wanted, message => SendAsync(queue, message, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException && wanted.Count < count)
        {
            Log.Failed(logger, e, queue);
            throw Unreachable($"The queue failed after {count - wanted.Count} dead letters were sent again; the others are still there", e);
        }

        return new ReplayView(queue, count - wanted.Count, wanted.Count, found.Count > MostAtOnce);
    });

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
        string queue, long sequenceNumber, Func<ServiceBusReceivedMessage, Task> before, CancellationToken cancellationToken) =>
        AtQueueAsync(queue, async receiver =>
        {
            var peeked = await receiver.PeekMessagesAsync(1, sequenceNumber, cancellationToken);
            if (peeked.Count == 0 || peeked[0].SequenceNumber != sequenceNumber)
            {
                return TakenDeadLetter.NotThere;
            }

            var wanted = new HashSet<long> { sequenceNumber };
            await holder.TakeAsync(receiver, wanted, before, cancellationToken);
            return wanted.Count == 0 ? TakenDeadLetter.Taken : TakenDeadLetter.OutOfReach;
        });

    private async Task SendAsync(string queue, ServiceBusReceivedMessage deadLetter, CancellationToken cancellationToken)
    {
        await sender.SendAsync(queue, Replay.Of(deadLetter), cancellationToken);
        Log.Sent(logger, deadLetter.SequenceNumber, queue, deadLetter.OriginalId());
    }

    private async Task<T> AtQueueAsync<T>(string queue, Func<ServiceBusReceiver, Task<T>> work)
    {
        try
        {
            await using var receiver = client.Value.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
            return await work(receiver);
        }
        catch (Exception e) when (e is not OperationCanceledException and not BadHttpRequestException)
        {
            Log.Failed(logger, e, queue);
            throw Unreachable("The queue cannot be reached, or it failed; its dead letters are still there", e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Dead letter {SequenceNumber} of {Queue} ({Id}) was sent again.")]
        public static partial void Sent(ILogger logger, long sequenceNumber, string queue, string id);

        [LoggerMessage(2, LogLevel.Information, "Dead letter {SequenceNumber} of {Queue} ({Id}) is dropped.")]
        public static partial void Dropping(ILogger logger, long sequenceNumber, string queue, string id);

        [LoggerMessage(3, LogLevel.Error, "The dead letters of {Queue} could not be worked on.")]
        public static partial void Failed(ILogger logger, Exception exception, string queue);
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

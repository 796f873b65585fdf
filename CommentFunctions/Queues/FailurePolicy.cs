using Azure.Messaging.ServiceBus;
using CommentFunctions.Failures;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Queues;

/// <summary>
/// Decides what becomes of a queue message whose work failed, for every queue and on both hosts. A message that can never succeed is
/// dead-lettered at once. One that an outage keeps from being done comes again later, uncounted, for its <see cref="Lifetime"/>. One that
/// fails by a fault is tried a few times at once, then later, and dead-lettered after <see cref="MostFailures"/> attempts. One that a
/// service rejects without saying whether for good has as many attempts, none of them at once.
/// </summary>
/// <param name="parts">What tells outages.</param>
/// <param name="sender">Sends messages again.</param>
/// <param name="clock">Measures the pauses.</param>
/// <param name="logger">Takes what became of messages.</param>
/// <param name="random">Spreads the pauses.</param>
public sealed partial class FailurePolicy(
    IEnumerable<IOutages> parts, QueueSender sender, TimeProvider clock, ILogger<FailurePolicy> logger, Random? random = null)
{
    /// <summary>How long a message is tried during an outage, from when the queue first took it: an answer is of no use after a day.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    /// <summary>The attempts of a message that fails by a fault, over about two hours, or is rejected perhaps for good, over about four.</summary>
    public const int MostFailures = 10;

    /// <summary>The reason of a dead letter that an outage kept from being done for its <see cref="Lifetime"/>.</summary>
    public const string Unavailable = nameof(Unavailable);

    /// <summary>The reason of a dead letter that has used up its <see cref="MostFailures"/> attempts.</summary>
    public const string Failed = nameof(Failed);

    // The host delivers a message that was not completed again at once.
    private const int ImmediateFailures = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstPauseOfFailures = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPauseOfFailures = TimeSpan.FromHours(1);

    // While the queue takes no messages, this one is held: given back, it would use up its deliveries at once. The host renews a lock for
    // longer than this.
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan LongestPauseOfHold = TimeSpan.FromSeconds(30);

    /// <summary>Does a message's work; the host completes the message when this returns, and gives it back when this throws.</summary>
    /// <param name="queue">The message's queue.</param>
    /// <param name="message">The message.</param>
    /// <param name="actions">Settles the message.</param>
    /// <param name="work">The work. It may be done more than once, also when it succeeded.</param>
    /// <param name="cancellationToken">Ends the work; the message is given back.</param>
    public async Task<MessageOutcome> RunAsync(
        string queue,
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        Func<MessageAttempt, CancellationToken, Task> work,
        CancellationToken cancellationToken)
    {
        var handled = new Handled(queue, message, actions, new(message, clock.GetUtcNow()));
        try
        {
            await work(handled.Attempt, cancellationToken);
            return MessageOutcome.Done;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !handled.Attempt.IsSent)
        {
            throw;
        }
        catch (PermanentMessageException failure)
        {
            return await GiveUpAsync(handled, failure.Reason, failure.Message);
        }
        catch (Exception e)
        {
            return parts.FindOutage(e) is { } outage ? await WaitForAsync(outage, handled) : await TryAgainAsync(e, handled);
        }
    }

    private async Task<MessageOutcome> WaitForAsync(Outage outage, Handled handled)
    {
        var (attempt, isCounted) = (handled.Attempt, outage.MayBeFinal);
        if (isCounted && attempt.Failures >= MostFailures)
        {
            return await GiveUpAsync(handled, Failed, $"Failed at attempt {attempt.Failures}, the last one: {outage.Reason}");
        }

        var pause = isCounted
            ? PauseAfter(attempt.Failures - 1, FirstPauseOfFailures, LongestPauseOfFailures)
            : PauseAfter(attempt.Postponed, FirstPause, LongestPause);
        pause = Spread(outage.RetryAfter > pause ? outage.RetryAfter.Value : pause);
        if (clock.GetUtcNow() + pause > attempt.AcceptedAt + Lifetime)
        {
            return await GiveUpAsync(handled, Unavailable, $"Not done within a day of its arrival; the last failure: {outage.Reason}");
        }

        return await PostponeAsync(handled, pause, outage.Reason, isCounted);
    }

    private async Task<MessageOutcome> TryAgainAsync(Exception failure, Handled handled)
    {
        var failures = handled.Attempt.Failures;
        if (failures >= MostFailures)
        {
            return await GiveUpAsync(handled, Failed, $"Failed at attempt {failures}, the last one: {failure.GetType().Name}.", failure);
        }

        if (failures < ImmediateFailures && !handled.Attempt.IsSent)
        {
            throw new MessageFailedException(failures, failure);
        }

        var pause = Spread(PauseAfter(failures - ImmediateFailures, FirstPauseOfFailures, LongestPauseOfFailures));
        return await PostponeAsync(handled, pause, $"{failure.GetType().Name}.", true, failure);
    }

    // Not with the caller's token: a host that stops waits for it, and what is known now would be lost.
    private async Task<MessageOutcome> PostponeAsync(Handled handled, TimeSpan pause, string why, bool isCounted, Exception? failure = null)
    {
        var copy = handled.Attempt.CopyFor(clock.GetUtcNow() + pause, isCounted);
        var start = clock.GetTimestamp();
        for (var hold = FirstPause; ; hold = Shorter(hold * 2, LongestPauseOfHold))
        {
            try
            {
                await sender.SendAsync(handled.Queue, copy, CancellationToken.None);
                break;
            }
            catch (Exception e) when (parts.FindOutage(e) is not null && clock.GetElapsedTime(start) < LongestHold)
            {
                Log.Held(logger, handled.Attempt.Id, handled.Queue, e.GetType().Name);
                await Task.Delay(hold, clock);
            }
            catch when (handled.Attempt.IsSent)
            {
                var sent = new Dictionary<string, object>();
                handled.Attempt.Mark(sent);
                await handled.Actions.AbandonMessageAsync(handled.Message, sent, CancellationToken.None);
                throw;
            }
        }

        Report(handled, pause, why, failure);
        return MessageOutcome.Postponed;
    }

    private void Report(Handled handled, TimeSpan pause, string why, Exception? failure)
    {
        var (attempt, channel) = (handled.Attempt, handled.Attempt.Channel ?? "no channel");
        if (failure is not null)
        {
            Log.FailedAgain(logger, failure, attempt.Id, handled.Queue, channel, attempt.Failures, pause);
        }
        else
        {
            // One warning for each message: an outage of hours must not fill the log.
            Log.Postponed(logger, attempt.Postponed == 0 ? LogLevel.Warning : LogLevel.Information, attempt.Id, handled.Queue, channel, pause, why);
        }
    }

    private async Task<MessageOutcome> GiveUpAsync(Handled handled, string reason, string description, Exception? failure = null)
    {
        var said = handled.Attempt.IsSent ? description + " Its reply was sent; only the record of that is missing." : description;
        Dictionary<string, object> sent = [];
        handled.Attempt.Mark(sent);
        await handled.Actions.DeadLetterMessageAsync(
            handled.Message, sent.Count > 0 ? sent : null, reason, said, CancellationToken.None);
        Log.DeadLettered(
            logger, failure, handled.Attempt.Id, handled.Queue, handled.Attempt.Channel ?? "no channel", handled.Message.DeliveryCount, handled.Attempt.Postponed,
            reason, said, DeadLetterSteps.For(handled.Queue, handled.Message.SequenceNumber));
        return MessageOutcome.DeadLettered;
    }

    private static TimeSpan PauseAfter(int pauses, TimeSpan first, TimeSpan longest) => Shorter(first * Math.Pow(2, Math.Clamp(pauses, 0, 20)), longest);

    // Up to a quarter more, so that messages that failed together do not come back together.
    private TimeSpan Spread(TimeSpan pause) => pause * (1 + ((random ?? Random.Shared).NextDouble() / 4));

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private sealed record Handled(string Queue, ServiceBusReceivedMessage Message, ServiceBusMessageActions Actions, MessageAttempt Attempt);

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Message = "Message {Id} of {Queue} ({Channel}) is tried again in {Pause}: {Why}")]
        public static partial void Postponed(ILogger logger, LogLevel level, string id, string queue, string channel, TimeSpan pause, string why);

        [LoggerMessage(2, LogLevel.Error, "Message {Id} of {Queue} ({Channel}) failed at attempt {Attempt} and is tried again in {Pause}.")]
        public static partial void FailedAgain(ILogger logger, Exception exception, string id, string queue, string channel, int attempt, TimeSpan pause);

        [LoggerMessage(3, LogLevel.Warning,
            "Message {Id} of {Queue} ({Channel}) is dead-lettered at delivery {Delivery}, put off {Postponed} times: {Reason}: {Description} {Steps}")]
        public static partial void DeadLettered(
            ILogger logger, Exception? exception, string id, string queue, string channel, int delivery, int postponed, string reason, string description, string steps);

        [LoggerMessage(4, LogLevel.Warning, "{Queue} does not take message {Id} for later ({Failure}); the message is held and tried again.")]
        public static partial void Held(ILogger logger, string id, string queue, string failure);
    }
}

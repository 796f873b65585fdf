using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Bot;

/// <summary>
/// Sends a reply that its channel could not take to the queue again, scheduled for later; after the last attempt it is dead-lettered.
/// The copies carry the number of their attempt and an id of their own, since the queue would take them for repeats.
/// </summary>
public sealed partial class ReplyRetries(BotSender sender, TimeProvider clock, ILogger<ReplyRetries> logger)
{
    /// <summary>The property of a queue message that says which attempt it is for; a message without it is for the first.</summary>
    public const string AttemptProperty = "attempt";

    /// <summary>The attempts that a reply has: over about four hours, where the service names no waits.</summary>
    public const int MaxAttempts = 10;

    private const string AttemptMark = ":attempt:";
    private const int MaxIdLength = 128;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    // The queue keeps no message for longer, and an answer that is a day old helps nobody.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>
    /// Takes care of a reply that its channel could not take yet; the host completes the message after that. False if that was
    /// its last attempt, and it is dead-lettered.
    /// </summary>
    public async Task<bool> PostponeAsync(
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        BotReply reply,
        ChannelBusyException failure,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(failure);
        var attempt = AttemptOf(message);
        var pause = PauseAfter(attempt, failure.RetryAfter);
        if (attempt >= MaxAttempts || pause > LongestWait)
        {
            await actions.DeadLetterUnavailableAsync(message, attempt, failure.Message, cancellationToken);
            return false;
        }

        await sender.SendAgainAsync(IdFor(message, attempt + 1), reply, attempt + 1, clock.GetUtcNow() + pause, cancellationToken);
        Log.Postponed(logger, reply.Id, attempt, pause, failure.Message);
        return true;
    }

    private static int AttemptOf(ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.ApplicationProperties.TryGetValue(AttemptProperty, out var value) && value is int and > 0 and var attempt ? attempt : 1;
    }

    // After the id of the message that was first tried, which tells one replay of a dead letter from another: the queue would drop the
    // second attempt of a replay under the id of the first one's.
    private static string IdFor(ServiceBusReceivedMessage message, int attempt)
    {
        var mark = $"{AttemptMark}{attempt}";
        var before = $"{AttemptMark}{attempt - 1}";
        var first = message.MessageId.EndsWith(before, StringComparison.Ordinal) ? message.MessageId[..^before.Length] : message.MessageId;
        return first[..Math.Min(first.Length, MaxIdLength - mark.Length)] + mark;
    }

    // Up to a quarter more, so that replies that failed together do not come back together.
    private static TimeSpan PauseAfter(int attempt, TimeSpan? asked)
    {
        var own = FirstPause * Math.Pow(2, Math.Min(attempt, MaxAttempts) - 1);
        var least = own < LongestPause ? own : LongestPause;
        return (asked > least ? asked.Value : least) * (1 + (Random.Shared.NextDouble() / 4));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Reply {Id} could not be delivered at attempt {Attempt} and is tried again in {Pause}: {Why}")]
        public static partial void Postponed(ILogger logger, string id, int attempt, TimeSpan pause, string why);
    }
}

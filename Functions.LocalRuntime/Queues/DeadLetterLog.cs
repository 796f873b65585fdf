namespace Functions.LocalRuntime.Queues;

/// <summary>What to do about a dead letter, which an app knows that has tools for them: it ends the warning of each that a queue makes by itself.</summary>
/// <param name="For">A sentence for a queue's dead letter with this sequence number.</param>
public sealed record DeadLetterAdvice(Func<string, long, string> For);

/// <summary>A message that its queue itself has given up on.</summary>
internal sealed record DeadLetter(string Queue, long SequenceNumber, string MessageId, int Deliveries, string Reason, string Description);

/// <summary>Warns of each message that its queue itself has given up on. Nobody else would: no function was asked.</summary>
internal sealed partial class DeadLetterLog(ILogger<DeadLetterLog> logger, DeadLetterAdvice? advice = null)
{
    /// <summary>One warning for each, without the message's text.</summary>
    public void Report(IEnumerable<DeadLetter> letters)
    {
        foreach (var (queue, number, id, deliveries, reason, description) in letters)
        {
            Log.DeadLettered(logger, id, queue, deliveries, reason, description, advice is null ? "" : " " + advice.For(queue, number));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Message {MessageId} of {Queue} is dead-lettered after {Deliveries} deliveries: {Reason}: {Description}{Advice}")]
        public static partial void DeadLettered(
            ILogger logger, string messageId, string queue, int deliveries, string reason, string description, string advice);
    }
}

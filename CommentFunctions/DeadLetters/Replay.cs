using Azure.Messaging.ServiceBus;
using CommentFunctions.Queues;

namespace CommentFunctions.DeadLetters;

/// <summary>A dead letter as a message to send again.</summary>
public static class Replay
{
    /// <summary>
    /// The same body under a MessageId that tells this replay: the queue takes it although it has seen the message, and drops it if the
    /// same dead letter is sent twice, as after a crash. Counts of attempts start anew; a reply that was sent is not sent again.
    /// </summary>
    public static ServiceBusMessage Of(ServiceBusReceivedMessage deadLetter)
    {
        // What tells one replay from another stands in front, where no id is cut.
        return deadLetter.CopyAs($"replay:{deadLetter.SequenceNumber}:{deadLetter.OriginalId()}");
    }
}

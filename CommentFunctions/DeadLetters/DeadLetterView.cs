using System.Text.Json.Serialization;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Queues;

namespace CommentFunctions.DeadLetters;

/// <summary>A dead letter as operators see it: everything but its body, which may quote a comment.</summary>
/// <param name="Queue">The queue that gave up on it.</param>
/// <param name="SequenceNumber">Its number in that queue's dead letters.</param>
/// <param name="MessageId">The id it was first sent with.</param>
/// <param name="Reason">Why it was given up on, in one word; left out where nobody said.</param>
/// <param name="Description">The reason at more length; left out where nobody said.</param>
/// <param name="EnqueuedAt">When the queue took it, in UTC.</param>
/// <param name="DeliveryCount">How often it was delivered; each time that it was held for a replay counts too.</param>
public sealed record DeadLetterView(
    string Queue, long SequenceNumber, string MessageId, string? Reason, string? Description, DateTimeOffset EnqueuedAt, int DeliveryCount)
{
    /// <summary>The view of a dead letter.</summary>
    public static DeadLetterView Of(string queue, ServiceBusReceivedMessage message) =>
        new(
            queue,
            message.SequenceNumber,
            message.OriginalId(),
            message.DeadLetterReason,
            message.DeadLetterErrorDescription,
            message.EnqueuedTime,
            message.DeliveryCount);
}

/// <summary>A page of dead letters.</summary>
/// <param name="DeadLetters">In the order of their sequence numbers.</param>
/// <param name="Next">The <c>from</c> of the next page; null on the last.</param>
public sealed record DeadLetterPage(
    IReadOnlyList<DeadLetterView> DeadLetters, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next);

/// <summary>What became of a replay of many.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Replayed">How many dead letters were sent to it again.</param>
/// <param name="Left">How many of those that it began with are not: somebody else holds them, or the time did not suffice.</param>
/// <param name="More">Whether there were more than one call takes, which are not counted here: call again.</param>
public sealed record ReplayView(string Queue, int Replayed, int Left, bool More);

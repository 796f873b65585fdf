namespace CommentFunctions.Telemetry;

/// <summary>
/// The names under which the app tells of itself. Dashboards, alerts and tests use them, so a changed name is a changed contract.
/// No tag's value is a user's name, a conversation or a text: each has a few values that are known beforehand.
/// </summary>
public static class TelemetryNames
{
    /// <summary>The meter of the app's metrics, and the source of its own spans.</summary>
    public const string App = "CommentFunctions";

    /// <summary>The source of one span for each run of a function: Microsoft's worker's, and the local runtime's.</summary>
    public const string Worker = "Microsoft.Azure.Functions.Worker";

    /// <summary>Counter, <c>{comment}</c>: expired comments deleted.</summary>
    public const string ExpiredDeleted = "comments.expired.deleted";

    /// <summary>
    /// Histogram, <c>s</c>: the time of a run of the expiry job, by <see cref="Outcome"/> and <see cref="TriggeredBy"/>. Dry runs are left out.
    /// </summary>
    public const string ExpiryDuration = "expiry.run.duration";

    /// <summary>Counter, <c>{reply}</c>: what became of the bot's replies, by <see cref="Outcome"/> and <see cref="Channel"/>.</summary>
    public const string BotReplies = "bot.replies";

    /// <summary>
    /// Histogram, <c>s</c>: the time a channel took to send a reply, by <see cref="Channel"/>, <see cref="Outcome"/> and, where it
    /// failed, <see cref="ErrorType"/>.
    /// </summary>
    public const string ChannelSendDuration = "channel.send.duration";

    /// <summary>Gauge, <c>s</c>: the age of the oldest message of a queue, by <see cref="Queue"/>; 0 for an empty queue.</summary>
    public const string QueueOldestAge = "queue.oldest.age";

    /// <summary>Counter, <c>{request}</c>: calls that were answered 429, by <see cref="Limit"/>.</summary>
    public const string RequestsRefused = "requests.refused";

    /// <summary>All metrics.</summary>
    public static IReadOnlyList<string> Metrics { get; } = [ExpiredDeleted, ExpiryDuration, BotReplies, ChannelSendDuration, QueueOldestAge, RequestsRefused];

    /// <summary>Tag: how it ended. A run of the expiry job: <c>succeeded</c>, <c>incomplete</c>, <c>failed</c>, <c>cancelled</c>.</summary>
    public const string Outcome = "outcome";

    /// <summary>Tag: who asked for an expiry run, <c>timer</c> or <c>operator</c>.</summary>
    public const string TriggeredBy = "triggered_by";

    /// <summary>Tag: the channel's name. A reply for a channel that is not configured has none.</summary>
    public const string Channel = "channel";

    /// <summary>Tag: the queue's name.</summary>
    public const string Queue = "messaging.destination.name";

    /// <summary>Tag: the limit that a call was beyond, <see cref="PerAddress"/> or <see cref="PerConversation"/>.</summary>
    public const string Limit = "limit";

    /// <summary>Limit: the calls of one address.</summary>
    public const string PerAddress = "address";

    /// <summary>Limit: the calls of one address about one conversation.</summary>
    public const string PerConversation = "conversation";

    /// <summary>Tag: the type of the exception.</summary>
    public const string ErrorType = "error.type";

    /// <summary>Outcome of a reply: its channel has it.</summary>
    public const string Delivered = "delivered";

    /// <summary>Outcome of a reply that counts as <see cref="Delivered"/>: its channel said later that it did not arrive.</summary>
    public const string Undelivered = "undelivered";

    /// <summary>Outcome of a reply: it was delivered before.</summary>
    public const string Repeat = "repeat";

    /// <summary>Outcome of a reply: it was put back on the queue for later.</summary>
    public const string Retried = "retried";

    /// <summary>Outcome of a reply: the app gave it up. What the queue gives up after too many deliveries is not counted here.</summary>
    public const string DeadLettered = "dead-lettered";

    /// <summary>Outcome of a reply: there is none, for its conversation had as many within a minute as it may have.</summary>
    public const string Braked = "braked";

    /// <summary>Outcome of a send: the channel took the reply.</summary>
    public const string Sent = "sent";

    /// <summary>Outcome of a send: the channel did not take it.</summary>
    public const string Failed = "failed";

    /// <summary>Outcome of a send: the app did not wait for its end.</summary>
    public const string Cancelled = "cancelled";
}

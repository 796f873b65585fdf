namespace CommentFunctions.Queues;

/// <summary>The names of the queues.</summary>
public static class QueueNames
{
    /// <summary>Messages to the bot.</summary>
    public const string Messages = "bot-messages";

    /// <summary>The bot's replies.</summary>
    public const string Replies = "bot-replies";

    /// <summary>Runs of the expiry job that an operator asked for.</summary>
    public const string ExpiryRuns = "expiry-runs";

    /// <summary>The setting, or group of settings, that says where the queues are.</summary>
    public const string Connection = "ServiceBus";

    /// <summary>All queues.</summary>
    public static IReadOnlyList<string> All { get; } = [Messages, Replies, ExpiryRuns];
}

/// <summary>What an operator can do about a dead letter.</summary>
public static class DeadLetterSteps
{
    /// <summary>How it is sent again or removed, in a sentence for the log.</summary>
    /// <param name="queue">Its queue.</param>
    /// <param name="sequenceNumber">Its number there.</param>
    public static string For(string queue, long sequenceNumber) =>
        $"When the cause is mended, POST /api/dead-letters/{queue}/{sequenceNumber}/replay sends it again; DELETE /api/dead-letters/{queue}/{sequenceNumber} removes it.";
}

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

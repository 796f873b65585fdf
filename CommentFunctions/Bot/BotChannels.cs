using CommentFunctions.Queues;

namespace CommentFunctions.Bot;

/// <summary>The channels that are configured.</summary>
public sealed class BotChannels(IEnumerable<IBotChannel> channels)
{
    /// <summary>The channel of this name; null if there is none.</summary>
    public IBotChannel? Find(string name) => channels.FirstOrDefault(c => c.Name.Equals(name, StringComparison.Ordinal));

    /// <summary>The channel of this name.</summary>
    /// <exception cref="PermanentMessageException">There is none.</exception>
    public IBotChannel Require(string name) =>
        Find(name) ?? throw new PermanentMessageException(PermanentMessageException.UnknownChannel, "The message's channel is not configured in this app.");
}

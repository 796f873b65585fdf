namespace CommentFunctions.Bot;

/// <summary>A way by which people talk to the bot.</summary>
public interface IBotChannel
{
    /// <summary>The channel's name, as messages carry it.</summary>
    string Name { get; }

    /// <summary>
    /// Whether a reply is sent by being saved to the store, together with the record of it: what goes to a service is claimed first, so
    /// that no two attempts send it.
    /// </summary>
    bool IsInStore => false;

    /// <summary>Sends a reply to where its message came from.</summary>
    /// <exception cref="PermanentChannelException">It can never be delivered.</exception>
    /// <exception cref="TransientChannelException">It cannot be delivered yet; a later attempt may succeed.</exception>
    Task SendAsync(BotReply reply, CancellationToken cancellationToken);
}

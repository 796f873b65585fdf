namespace CommentFunctions.Bot;

/// <summary>A way by which people talk to the bot.</summary>
public interface IBotChannel
{
    /// <summary>The channel's name, as messages carry it.</summary>
    string Name { get; }

    /// <summary>Sends a reply to where its message came from. A reply may come twice; sending it twice must do no harm.</summary>
    /// <exception cref="ChannelRefusedException">It can never be delivered.</exception>
    /// <exception cref="ChannelBusyException">It cannot be delivered yet; a later attempt may succeed.</exception>
    Task SendAsync(BotReply reply, CancellationToken cancellationToken);
}

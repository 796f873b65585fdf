using System.Collections.Concurrent;
using CommentFunctions.Bot;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Channels;

/// <summary>
/// The channels that the settings ask for and that are off, for something is wrong with these settings. The log of each start says so;
/// everything else works.
/// </summary>
public sealed partial class ChannelFaults(IEnumerable<ChannelFault> faults, ILogger<ChannelFaults> logger) : IHostedService
{
    private readonly ConcurrentDictionary<(string Channel, ChannelTrouble Trouble), string> troubles = new();

    /// <summary>The channels that are off; empty where every channel that is asked for works.</summary>
    public IReadOnlyList<ChannelFault> All { get; } = [.. faults];

    /// <summary>What does not work at the moment, as far as this process knows, which learns it by what it asks and sends; the log says why.</summary>
    public IReadOnlyList<TroubledChannel> Troubles =>
    [
        .. troubles.OrderBy(t => t.Key.Channel, StringComparer.Ordinal).ThenBy(t => t.Key.Trouble)
            .Select(t => new TroubledChannel(t.Key.Channel, t.Key.Trouble, t.Value)),
    ];

    /// <summary>Notes whether a channel is in this trouble.</summary>
    internal void Set(ChannelOptions options, ChannelTrouble trouble, bool isSo)
    {
        if (isSo)
        {
            troubles[(options.Channel, trouble)] = options.Credentials;
        }
        else
        {
            troubles.TryRemove((options.Channel, trouble), out _);
        }
    }

    /// <summary>Notes what kept a reply from the service; null where it got through.</summary>
    internal void NoteSend(ChannelOptions options, ChannelTrouble? trouble)
    {
        Set(options, ChannelTrouble.Away, trouble == ChannelTrouble.Away);
        // One that is away may or may not know the app.
        if (trouble != ChannelTrouble.Away)
        {
            Set(options, ChannelTrouble.Unauthorized, trouble == ChannelTrouble.Unauthorized);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var fault in All)
        {
            foreach (var problem in fault.Problems)
            {
                Log.Off(logger, fault.Channel, problem);
            }
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The channel {Channel} is off: {Problem}")]
        public static partial void Off(ILogger logger, string channel, string problem);
    }
}

/// <summary>A channel that is off although it is asked for.</summary>
/// <param name="Channel">Its name, as messages carry it.</param>
/// <param name="Problems">What is wrong with its settings, each problem naming its setting and no secret; at least one.</param>
public sealed record ChannelFault(string Channel, IReadOnlyList<string> Problems);

/// <summary>A channel that is in trouble.</summary>
/// <param name="Channel">Its name, as messages carry it.</param>
/// <param name="Trouble">What does not work.</param>
/// <param name="Credentials">The setting by which its service knows the app.</param>
public sealed record TroubledChannel(string Channel, ChannelTrouble Trouble, string Credentials);

/// <summary>Stands for a channel that is off: replies to it wait on the queue for the settings to be corrected.</summary>
internal sealed class ChannelThatIsOff(string name) : IBotChannel
{
    public string Name => name;

    public Task SendAsync(BotReply reply, CancellationToken cancellationToken) =>
        throw new TransientChannelException($"The channel {name} is off, for something is wrong with its settings; the log of the app's start says what.");
}

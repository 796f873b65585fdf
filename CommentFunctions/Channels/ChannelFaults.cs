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
    private readonly ConcurrentDictionary<string, bool> silent = new();

    /// <summary>The channels that are off; empty where every channel that is asked for works.</summary>
    public IReadOnlyList<ChannelFault> All { get; } = [.. faults];

    /// <summary>The channels that ask their service for messages and get none at the moment; the log says why.</summary>
    public IReadOnlyList<string> Silent => [.. silent.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Notes whether a channel that asks for messages gets an answer.</summary>
    internal void SetSilent(string channel, bool isSilent)
    {
        if (isSilent)
        {
            silent[channel] = true;
        }
        else
        {
            silent.TryRemove(channel, out _);
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

/// <summary>Stands for a channel that is off: replies to it wait on the queue for the settings to be corrected.</summary>
internal sealed class ChannelThatIsOff(string name) : IBotChannel
{
    public string Name => name;

    public Task SendAsync(BotReply reply, CancellationToken cancellationToken) =>
        throw new TransientChannelException($"The channel {name} is off, for something is wrong with its settings; the log of the app's start says what.");
}

using System.Text.Json;
using CommentFunctions.Bot;

namespace CommentFunctions.Channels;

/// <summary>What becomes of an answer that a service gives once only.</summary>
/// <param name="Take">Takes it, whatever it is: what has a status of failure, or is no JSON, may still hold messages.</param>
/// <param name="Stopping">Says that the service is not to be asked any more; one that was is waited for.</param>
internal sealed record HandOut(Action<ReadOnlyMemory<byte>> Take, CancellationToken Stopping);

/// <summary>Tells failures of one service apart by what it answers.</summary>
internal interface IErrorParser
{
    /// <summary>What an answer that is no success says.</summary>
    /// <param name="body">Its JSON; undefined where it is none.</param>
    ServiceFailure Read(JsonElement body);
}

/// <summary>What a service says of a failure.</summary>
/// <param name="Description">What it says in words.</param>
/// <param name="RetryAfter">How long it asks to be left alone, where it says so in the body.</param>
/// <param name="IsBusy">Whether it says that it takes no more at the moment, whatever the status.</param>
/// <param name="Reason">The reason for the dead-letter queue, where it is a special one.</param>
/// <param name="MayBeFinal">Whether what it says may as well be for good; only of one that is busy.</param>
/// <param name="IsForAll">Whether it asks to be left alone by all messages, not by this conversation's alone.</param>
/// <param name="As">Makes the exception that the channel knows by its type from a description; null for a plain one.</param>
internal sealed record ServiceFailure(
    string? Description = null,
    TimeSpan? RetryAfter = null,
    bool IsBusy = false,
    string? Reason = null,
    bool MayBeFinal = false,
    bool IsForAll = false,
    Func<string, PermanentChannelException>? As = null);

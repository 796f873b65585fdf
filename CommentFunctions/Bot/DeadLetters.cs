using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Bot;

/// <summary>Gives up on messages that can never succeed, with the reason for whoever looks at the dead-letter queue.</summary>
public static class DeadLetters
{
    /// <summary>The body cannot be read.</summary>
    public const string MalformedMessage = nameof(MalformedMessage);

    /// <summary>No channel has the name that the message carries.</summary>
    public const string UnknownChannel = nameof(UnknownChannel);

    /// <summary>The channel could not take the reply at any attempt.</summary>
    public const string ChannelUnavailable = nameof(ChannelUnavailable);

    /// <summary>Dead-letters a message whose body cannot be read.</summary>
    public static Task DeadLetterMalformedAsync(
        this ServiceBusMessageActions actions, ServiceBusReceivedMessage message, string problem, CancellationToken cancellationToken) =>
        Move(actions, message, MalformedMessage, problem, cancellationToken);

    /// <summary>Dead-letters a message for a channel that is not there.</summary>
    public static Task DeadLetterUnknownChannelAsync(
        this ServiceBusMessageActions actions, ServiceBusReceivedMessage message, CancellationToken cancellationToken) =>
        Move(actions, message, UnknownChannel, "The message's channel is not configured in this app.", cancellationToken);

    /// <summary>Dead-letters a reply that its channel can never deliver.</summary>
    public static Task DeadLetterRefusedAsync(
        this ServiceBusMessageActions actions,
        ServiceBusReceivedMessage message,
        ChannelRefusedException refusal,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return Move(actions, message, refusal.Reason, refusal.Message, cancellationToken);
    }

    /// <summary>Dead-letters a reply that its channel could not deliver at any attempt.</summary>
    public static Task DeadLetterUnavailableAsync(
        this ServiceBusMessageActions actions,
        ServiceBusReceivedMessage message,
        int attempts,
        string lastFailure,
        CancellationToken cancellationToken) =>
        Move(actions, message, ChannelUnavailable, $"Not delivered at attempt {attempts}, the last one: {lastFailure}", cancellationToken);

    private static Task Move(
        ServiceBusMessageActions actions,
        ServiceBusReceivedMessage message,
        string reason,
        string description,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actions);
        return actions.DeadLetterMessageAsync(
            message, deadLetterReason: reason, deadLetterErrorDescription: description, cancellationToken: cancellationToken);
    }
}

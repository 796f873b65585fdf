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

    /// <summary>Dead-letters a message whose body cannot be read.</summary>
    public static Task DeadLetterMalformedAsync(
        this ServiceBusMessageActions actions, ServiceBusReceivedMessage message, string problem, CancellationToken cancellationToken) =>
        Move(actions, message, MalformedMessage, problem, cancellationToken);

    /// <summary>Dead-letters a message for a channel that is not there.</summary>
    public static Task DeadLetterUnknownChannelAsync(
        this ServiceBusMessageActions actions, ServiceBusReceivedMessage message, CancellationToken cancellationToken) =>
        Move(actions, message, UnknownChannel, "The message's channel is not configured in this app.", cancellationToken);

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

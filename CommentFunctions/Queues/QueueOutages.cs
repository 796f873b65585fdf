using Azure.Identity;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Failures;

namespace CommentFunctions.Queues;

/// <summary>Tells what keeps the queues from working: https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-exceptions-latest.</summary>
public sealed class QueueOutages : IOutages
{
    // What is wrong with one message, or with the lock on it; the queue itself works.
    private static readonly ServiceBusFailureReason[] OfOneMessage =
    [
        ServiceBusFailureReason.MessageLockLost,
        ServiceBusFailureReason.MessageNotFound,
        ServiceBusFailureReason.MessageSizeExceeded,
        ServiceBusFailureReason.SessionLockLost,
        ServiceBusFailureReason.SessionCannotBeLocked,
    ];

    public Outage? FindOutage(Exception exception) =>
        exception.Chain().Select(Find).FirstOrDefault(outage => outage is not null);

    private static Outage? Find(Exception exception) => exception switch
    {
        ServiceBusException failed => OfOneMessage.Contains(failed.Reason) ? null : new($"The queues cannot be used: {failed.Reason}."),
        UnauthorizedAccessException when exception.Source == typeof(ServiceBusClient).Assembly.GetName().Name => new("The queues cannot be used: not authorized."),
        AuthenticationFailedException => new("Nobody could be signed in to what the app needs."),
        _ => null,
    };
}

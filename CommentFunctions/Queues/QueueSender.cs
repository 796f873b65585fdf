using System.Collections.Concurrent;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Failures;

namespace CommentFunctions.Queues;

/// <summary>Sends to the queues; each call returns once the queue keeps the message. Safe to share.</summary>
/// <remarks>The client is made at the first send, so that an app without queues starts and does the rest of its work.</remarks>
public sealed class QueueSender(Lazy<ServiceBusClient> client)
{
    // Well below the 256 KB that the smallest tier of Service Bus takes at once: it counts more than the bodies.
    private const int MaxBatchBytes = 160 * 1024;

    private readonly ConcurrentDictionary<string, ServiceBusSender> senders = new();

    /// <summary>Sends messages in the order given; those before the one that fails are sent.</summary>
    public async Task SendAsync(string queue, IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken)
    {
        List<ServiceBusMessage> batch = [];
        var bytes = 0;
        foreach (var message in messages)
        {
            if (batch.Count > 0 && bytes + message.Body.ToMemory().Length > MaxBatchBytes)
            {
                await Sender(queue).SendMessagesAsync(batch, cancellationToken);
                (batch, bytes) = ([], 0);
            }

            batch.Add(message);
            bytes += message.Body.ToMemory().Length;
        }

        if (batch.Count > 0)
        {
            await Sender(queue).SendMessagesAsync(batch, cancellationToken);
        }
    }

    /// <summary>Sends a message. A second one with its id within the queue's window is dropped there.</summary>
    public Task SendAsync(string queue, ServiceBusMessage message, CancellationToken cancellationToken) =>
        Sender(queue).SendMessageAsync(message, cancellationToken);

    private ServiceBusSender Sender(string queue) => senders.GetOrAdd(queue, name => client.Value.CreateSender(name));
}

/// <summary>
/// Tells what keeps the queues from working:
/// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-exceptions-latest.
/// </summary>
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
        UnauthorizedAccessException when exception.Source == typeof(ServiceBusClient).Assembly.GetName().Name =>
            new("The queues cannot be used: not authorized."),
        AuthenticationFailedException => new("Nobody could be signed in to what the app needs."),
        _ => null,
    };
}

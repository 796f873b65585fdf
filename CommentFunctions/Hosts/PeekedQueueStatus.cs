using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Queues;

namespace CommentFunctions.Hosts;

/// <summary>
/// What waits in a Service Bus queue and its dead-letter sub-queue, by a look at the first messages: to be told their number takes the
/// right to manage the queue, which the app does not have. A look does not tell messages that are being worked on from those that wait.
/// </summary>
public sealed class PeekedQueueStatus(Lazy<ServiceBusClient> client, TimeProvider clock) : IQueueStatus
{
    /// <summary>The most of each kind that are counted; each is transferred with its body.</summary>
    public const int Most = 32;

    private readonly ConcurrentDictionary<(string Queue, SubQueue Part), ServiceBusReceiver> receivers = new();

    public async Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            var waiting = PeekAsync(queue, SubQueue.None, cancellationToken);
            var dead = PeekAsync(queue, SubQueue.DeadLetter, cancellationToken);
            await Task.WhenAll(waiting, dead);
            var scheduled = (await waiting).Count(message => message.State == ServiceBusMessageState.Scheduled);
            return new((await waiting).Count - scheduled, scheduled, (await dead).Count, OldestAge(await waiting));
        }
        catch (Exception e) when (Explain(e) is { } problem)
        {
            throw new QueueUnavailableException(problem, e);
        }
    }

    public async Task<TimeSpan?> FindOldestAgeAsync(string queue, CancellationToken cancellationToken) =>
        OldestAge(await PeekAsync(queue, SubQueue.None, cancellationToken));

    private TimeSpan? OldestAge(IReadOnlyList<ServiceBusReceivedMessage> messages)
    {
        if (messages.FirstOrDefault(message => message.State == ServiceBusMessageState.Active) is { } oldest)
        {
            var age = clock.GetUtcNow() - oldest.EnqueuedTime;
            return age > TimeSpan.Zero ? age : TimeSpan.Zero;
        }

        // Scheduled and deferred messages are shown too; behind so many of them an older one may stand.
        return messages.Count < Most ? TimeSpan.Zero : null;
    }

    private static string? Explain(Exception exception) => exception switch
    {
        ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound } => "the namespace does not have it",
        ServiceBusException { Reason: ServiceBusFailureReason.ServiceCommunicationProblem or ServiceBusFailureReason.ServiceTimeout } =>
            "the namespace cannot be reached",
        ServiceBusException e => $"the namespace refused it ({e.Reason})",
        UnauthorizedAccessException => "the identity or key of the app may not receive from it",
        _ => null,
    };

    // Without a number each peek would go on where the last one ended.
    private Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(string queue, SubQueue part, CancellationToken cancellationToken) =>
        receivers.GetOrAdd((queue, part), key => Client().CreateReceiver(key.Queue, new ServiceBusReceiverOptions { SubQueue = key.Part }))
            .PeekMessagesAsync(Most, fromSequenceNumber: 0, cancellationToken);

    private ServiceBusClient Client()
    {
        try
        {
            return client.Value;
        }
        catch (Exception e)
        {
            throw new QueueUnavailableException($"the setting {QueueNames.Connection} is missing or names no namespace", e);
        }
    }
}

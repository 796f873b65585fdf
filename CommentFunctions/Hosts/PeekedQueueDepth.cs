using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Health;

namespace CommentFunctions.Hosts;

/// <summary>
/// The messages of a Service Bus queue and of its dead-letter sub-queue, counted by a look at the first ones: to be told their number
/// takes the right to manage the queue, which the app does not have.
/// </summary>
public sealed class PeekedQueueDepth(Lazy<ServiceBusClient> client) : IQueueDepth
{
    /// <summary>The most of each kind that are counted; each is transferred with its body.</summary>
    public const int Most = 32;

    private readonly ConcurrentDictionary<(string Queue, SubQueue Part), ServiceBusReceiver> receivers = new();

    /// <inheritdoc/>
    public async Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            var waiting = PeekAsync(queue, SubQueue.None, cancellationToken);
            var dead = PeekAsync(queue, SubQueue.DeadLetter, cancellationToken);
            await Task.WhenAll(waiting, dead);
            var scheduled = (await waiting).Count(message => message.State == ServiceBusMessageState.Scheduled);
            return new((await waiting).Count - scheduled, scheduled, (await dead).Count);
        }
        catch (Exception e) when (Explain(e) is { } problem)
        {
            throw new QueueUnavailableException(problem, e);
        }
    }

    private static string? Explain(Exception exception) => exception switch
    {
        ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound } => "the namespace does not have it",
        ServiceBusException { Reason: ServiceBusFailureReason.ServiceCommunicationProblem or ServiceBusFailureReason.ServiceTimeout } => "the namespace cannot be reached",
        ServiceBusException e => $"the namespace refused it ({e.Reason})",
        UnauthorizedAccessException => "the identity or key of the app may not receive from it",
        _ => null,
    };

    // Without a number each look would go on where the last one ended.
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
            throw new QueueUnavailableException($"the setting {BotQueues.Connection} is missing or names no namespace", e);
        }
    }
}

using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;

namespace CommentFunctions.Hosts;

/// <summary>
/// The age of the oldest message of a Service Bus queue, by a look at the first ones, which takes no other right than to receive.
/// Those being worked on are among them: the queue shows no difference.
/// </summary>
public sealed class PeekedQueueAge(Lazy<ServiceBusClient> client, TimeProvider clock) : IQueueAge
{
    // Messages scheduled for later, and deferred ones, are shown too; behind more of them than this the oldest is not looked for.
    private const int Most = 32;

    private readonly ConcurrentDictionary<string, ServiceBusReceiver> receivers = new();

    /// <inheritdoc/>
    public async Task<TimeSpan?> OldestAsync(string queue, CancellationToken cancellationToken)
    {
        var receiver = receivers.GetOrAdd(queue, name => client.Value.CreateReceiver(name));
        // Without a number each look would go on where the last one ended.
        var messages = await receiver.PeekMessagesAsync(Most, fromSequenceNumber: 0, cancellationToken);
        if (messages.FirstOrDefault(message => message.State == ServiceBusMessageState.Active) is { } oldest)
        {
            var age = clock.GetUtcNow() - oldest.EnqueuedTime;
            return age > TimeSpan.Zero ? age : TimeSpan.Zero;
        }

        return messages.Count < Most ? TimeSpan.Zero : null;
    }
}

using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace CommentFunctions.Bot;

/// <summary>Sends to the bot's queues; each call returns once the queue keeps the message. Safe to share.</summary>
/// <remarks>The client is made at the first send, so that an app without queues starts and does the rest of its work.</remarks>
public sealed class BotSender(Lazy<ServiceBusClient> client)
{
    // Well below the 256 KB that the smallest tier of Service Bus takes at once, for it counts more than the bodies.
    private const int MaxBatchBytes = 160 * 1024;

    private readonly ConcurrentDictionary<string, ServiceBusSender> senders = new();

    /// <summary>Sends a message to the bot. A second one with its id within the queue's window is dropped there.</summary>
    public Task SendAsync(string messageId, BotMessage message, CancellationToken cancellationToken) =>
        Sender(BotQueues.Messages).SendMessageAsync(QueueJson.Write(messageId, message), cancellationToken);

    /// <summary>Sends messages to the bot, each with its id, in the order given; those before the one that fails are sent.</summary>
    public async Task SendAsync(IEnumerable<(string Id, BotMessage Message)> messages, CancellationToken cancellationToken)
    {
        List<ServiceBusMessage> batch = [];
        var bytes = 0;
        foreach (var message in messages.Select(m => QueueJson.Write(m.Id, m.Message)))
        {
            if (batch.Count > 0 && bytes + message.Body.ToMemory().Length > MaxBatchBytes)
            {
                await Sender(BotQueues.Messages).SendMessagesAsync(batch, cancellationToken);
                (batch, bytes) = ([], 0);
            }

            batch.Add(message);
            bytes += message.Body.ToMemory().Length;
        }

        if (batch.Count > 0)
        {
            await Sender(BotQueues.Messages).SendMessagesAsync(batch, cancellationToken);
        }
    }

    /// <summary>Sends the bot's reply.</summary>
    public Task SendAsync(BotReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return Sender(BotQueues.Replies).SendMessageAsync(QueueJson.Write(reply.Id, reply), cancellationToken);
    }

    /// <summary>Sends a message to a queue as it is.</summary>
    public Task SendAsync(string queue, ServiceBusMessage message, CancellationToken cancellationToken) =>
        Sender(queue).SendMessageAsync(message, cancellationToken);

    private ServiceBusSender Sender(string queue) => senders.GetOrAdd(queue, name => client.Value.CreateSender(name));
}

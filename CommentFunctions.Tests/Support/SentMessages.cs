using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Moq;

namespace CommentFunctions.Tests.Support;

/// <summary>Stands in for Service Bus and keeps what was sent.</summary>
public sealed class SentMessages
{
    private readonly ConcurrentQueue<(string Queue, ServiceBusMessage Message)> sent = new();

    public SentMessages()
    {
        var client = new Mock<ServiceBusClient>();
        client.Setup(c => c.CreateSender(It.IsAny<string>())).Returns((string queue) => Sender(queue));
        Client = client.Object;
    }

    public ServiceBusClient Client { get; }

    /// <summary>Set to let each send fail.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How many sends fail where they do; then they succeed.</summary>
    public int Failures { get; set; } = int.MaxValue;

    /// <summary>Hears of each message once it is kept, with its queue.</summary>
    public Action<string, ServiceBusMessage>? Arrived { get; set; }

    /// <summary>The most bytes of bodies that were sent at once.</summary>
    public int LargestSend { get; private set; }

    /// <summary>What was sent to a queue, in order.</summary>
    public IReadOnlyList<ServiceBusMessage> To(string queue) => [.. sent.Where(s => s.Queue == queue).Select(s => s.Message)];

    private ServiceBusSender Sender(string queue)
    {
        var sender = new Mock<ServiceBusSender>();
        sender.Setup(s => s.SendMessageAsync(It.IsAny<ServiceBusMessage>(), It.IsAny<CancellationToken>()))
            .Returns((ServiceBusMessage message, CancellationToken _) => Send([message]));
        sender.Setup(s => s.SendMessagesAsync(It.IsAny<IEnumerable<ServiceBusMessage>>(), It.IsAny<CancellationToken>()))
            .Returns((IEnumerable<ServiceBusMessage> messages, CancellationToken _) => Send(messages));
        return sender.Object;

        Task Send(IEnumerable<ServiceBusMessage> messages)
        {
            LargestSend = Math.Max(LargestSend, messages.Sum(message => message.Body.ToMemory().Length));
            if (Failure is not null && Failures-- > 0)
            {
                return Task.FromException(Failure);
            }

            foreach (var message in messages)
            {
                sent.Enqueue((queue, message));
                Arrived?.Invoke(queue, message);
            }

            return Task.CompletedTask;
        }
    }
}

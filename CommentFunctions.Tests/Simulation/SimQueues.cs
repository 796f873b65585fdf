using System.Diagnostics.CodeAnalysis;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Queues;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests.Simulation;

/// <summary>The queues: peek-lock, deliveries, schedules, a day to live, repeats dropped for ten minutes, dead letters.</summary>
internal sealed class SimQueues(SimClock clock)
{
    public const int MostDeliveries = 10;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly List<SimMessage> messages = [];
    private readonly Dictionary<(string Queue, string Id), DateTimeOffset> seen = [];
    private long last;

    /// <summary>Told when something may be delivered.</summary>
    public event Action? Arrived;

    public IEnumerable<SimMessage> All => messages;

    public IEnumerable<SimMessage> DeadLetters => messages.Where(message => message.DeadLetter is not null);

    public bool IsEmpty => messages.TrueForAll(message => message.DeadLetter is not null);

    public void Send(string queue, ServiceBusMessage message)
    {
        if (seen.TryGetValue((queue, message.MessageId), out var until) && until > clock.Now)
        {
            return;
        }

        seen[(queue, message.MessageId)] = clock.Now + Window;
        var at = message.ScheduledEnqueueTime > clock.Now ? message.ScheduledEnqueueTime : clock.Now;
        messages.Add(new(++last, queue, message.MessageId, message.Body, new(message.ApplicationProperties), at) { Available = at });
        clock.At(at, () => Arrived?.Invoke());
    }

    /// <summary>Locks the oldest message that is to be delivered; null where there is none.</summary>
    public SimMessage? Receive(TimeSpan lockFor)
    {
        foreach (var message in messages.Where(m => m.DeadLetter is null && m.Available <= clock.Now).ToList())
        {
            if (message.Deliveries >= MostDeliveries || message.Enqueued.AddDays(1) <= clock.Now)
            {
                message.DeadLetter = message.Deliveries >= MostDeliveries ? "MaxDeliveryCountExceeded" : "TTLExpiredException";
                continue;
            }

            message.Deliveries++;
            message.Lock = Guid.NewGuid();
            Renew(message, lockFor);
            return message;
        }

        return null;
    }

    /// <summary>Holds a message for so long from now on.</summary>
    public void Renew(SimMessage message, TimeSpan lockFor)
    {
        message.Available = clock.Now + lockFor;
        clock.At(message.Available, () => Arrived?.Invoke());
    }

    public void Complete(SimMessage message, Guid token)
    {
        RequireLock(message, token);
        messages.Remove(message);
    }

    public void Abandon(SimMessage message, Guid token, IDictionary<string, object>? properties)
    {
        RequireLock(message, token);
        Set(message, properties);
        message.Available = clock.Now;
        message.Lock = default;
        clock.At(clock.Now, () => Arrived?.Invoke());
    }

    public void GiveUp(SimMessage message, Guid token, string? reason, IDictionary<string, object>? properties)
    {
        RequireLock(message, token);
        Set(message, properties);
        message.DeadLetter = reason ?? "";
    }

    private void RequireLock(SimMessage message, Guid token)
    {
        if (!messages.Contains(message) || message.Lock != token || message.Available <= clock.Now || message.DeadLetter is not null)
        {
            throw new ServiceBusException("The lock is lost.", ServiceBusFailureReason.MessageLockLost);
        }
    }

    private static void Set(SimMessage message, IDictionary<string, object>? properties)
    {
        foreach (var (name, value) in properties ?? new Dictionary<string, object>())
        {
            message.Properties[name] = value;
        }
    }
}

/// <summary>A message of a queue.</summary>
internal sealed record SimMessage(
    long Sequence, string Queue, string Id, BinaryData Body, Dictionary<string, object> Properties, DateTimeOffset Enqueued)
{
    public DateTimeOffset Available { get; set; }

    public Guid Lock { get; set; }

    public int Deliveries { get; set; }

    public string? DeadLetter { get; set; }

    public bool IsMarkedSent => Properties.ContainsKey(MessageCopies.SentProperty);

    public ServiceBusReceivedMessage Received() => ServiceBusModelFactory.ServiceBusReceivedMessage(
        Body, Id, properties: new Dictionary<string, object>(Properties), deliveryCount: Deliveries, sequenceNumber: Sequence, enqueuedTime: Enqueued, lockTokenGuid: Lock);
}

/// <summary>A worker's way to the queues.</summary>
internal sealed class SimClient(SimWorld world, SimWorker worker) : ServiceBusClient
{
    /// <summary>Whether it loses the mark that a reply was sent: a fault to be found.</summary>
    public bool Forgets { get; init; }

    public override ServiceBusSender CreateSender(string queueOrTopicName) => new Sender(this, world, worker, queueOrTopicName);

    [SuppressMessage("Usage", "CA2215", Justification = "There is no connection to close.")]
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Sender(SimClient client, SimWorld world, SimWorker worker, string queue) : ServiceBusSender
    {
        public override Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default) =>
            world.CallAsync(worker, SimPart.Queues, $"send {queue} {message.MessageId}", () =>
            {
                if (client.Forgets)
                {
                    message.ApplicationProperties.Remove(MessageCopies.SentProperty);
                }

                world.Queues.Send(queue, message);
                return true;
            });
    }
}

/// <summary>A worker's way to settle a message.</summary>
internal sealed class SimActions(SimWorld world, SimWorker worker, SimMessage message) : ServiceBusMessageActions
{
    private readonly Guid token = message.Lock;

    public bool IsSettled { get; private set; }

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage received, CancellationToken cancellationToken = default) =>
        SettleAsync("complete", () => world.Queues.Complete(message, token));

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage received, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        SettleAsync("abandon", () => world.Queues.Abandon(message, token, propertiesToModify));

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage received,
        Dictionary<string, object>? propertiesToModify = null,
        string? deadLetterReason = null,
        string? deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync($"dead-letter {deadLetterReason}", () => world.Queues.GiveUp(message, token, deadLetterReason, propertiesToModify));

    private async Task SettleAsync(string what, Action settle)
    {
        await world.CallAsync(worker, SimPart.Queues, $"{what} {message.Id}", () =>
        {
            settle();
            return true;
        });
        IsSettled = true;
    }
}

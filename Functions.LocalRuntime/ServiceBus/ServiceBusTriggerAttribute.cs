using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Runs a function for each message of a queue. Microsoft's, member for member, compiled only where
/// Microsoft.Azure.Functions.Worker.Extensions.ServiceBus is absent: some registries lack that package.
/// </summary>
public sealed class ServiceBusTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>Listens to a queue.</summary>
    public ServiceBusTriggerAttribute(string queueName) => QueueName = queueName;

    /// <summary>Listens to a topic's subscription, which the local runtime does not have.</summary>
    public ServiceBusTriggerAttribute(string topicName, string subscriptionName) => (TopicName, SubscriptionName) = (topicName, subscriptionName);

    /// <summary>The setting, or group of settings, that says where the namespace is.</summary>
    public string? Connection { get; set; }

    /// <summary>The queue's name, or <c>%Setting%</c>.</summary>
    public string? QueueName { get; }

    /// <summary>The topic's name.</summary>
    public string? TopicName { get; }

    /// <summary>The subscription's name.</summary>
    public string? SubscriptionName { get; }

    /// <summary>Whether the queue has sessions.</summary>
    public bool IsSessionsEnabled { get; set; }

    /// <summary>Whether the function takes several messages at once.</summary>
    public bool IsBatched { get; set; }

    /// <summary>Whether the host completes a message once its function succeeded; host.json decides unless this is set.</summary>
    public bool AutoCompleteMessages { get; set; }
}

using Azure.Messaging.ServiceBus;

namespace Functions.LocalRuntime.Queues;

/// <summary>How Service Bus marks a dead-lettered message: by two application properties.</summary>
internal static class DeadLetterProperties
{
    public static string Add(IDictionary<string, object> properties, string? reason, string? description)
    {
        Set(properties, nameof(ServiceBusReceivedMessage.DeadLetterReason), reason);
        Set(properties, nameof(ServiceBusReceivedMessage.DeadLetterErrorDescription), description);
        return MessageProperties.Write(properties) ?? "{}";
    }

    private static void Set(IDictionary<string, object> properties, string name, string? value)
    {
        if (value is not null)
        {
            properties[name] = value;
        }
    }
}

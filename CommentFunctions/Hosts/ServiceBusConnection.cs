using Azure.Messaging.ServiceBus;
using CommentFunctions.Queues;
using CommentFunctions.Settings;
using Microsoft.Extensions.Configuration;

namespace CommentFunctions.Hosts;

/// <summary>Opens the Service Bus namespace by the same settings as the host's triggers.</summary>
public static class ServiceBusConnection
{
    /// <summary>A client by connection string (<c>ServiceBus</c>) or by identity (<c>ServiceBus__fullyQualifiedNamespace</c>).</summary>
    /// <exception cref="InvalidOperationException">Neither is set.</exception>
    public static ServiceBusClient Open(IConfiguration configuration)
    {
        var settings = configuration.GetSection(QueueNames.Connection);
        if (!string.IsNullOrWhiteSpace(settings.Value))
        {
            return new(settings.Value);
        }

        return settings["fullyQualifiedNamespace"] is { Length: > 0 } name
            ? new(name, AzureCredential.Choose(settings["credential"], settings["clientId"]))
            : throw new InvalidOperationException(
                $"No queue can be reached: set {QueueNames.Connection} to a connection string, or "
                + $"{QueueNames.Connection}__fullyQualifiedNamespace to a namespace that the app's identity may use.");
    }
}

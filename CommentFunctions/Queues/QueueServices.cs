using Azure.Messaging.ServiceBus;
using CommentFunctions.Failures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Queues;

/// <summary>Registers what is done with queues; a host adds its client and its <see cref="IQueueStatus"/>.</summary>
public static class QueueServices
{
    /// <summary>Adds the services of this folder.</summary>
    public static IHostApplicationBuilder AddQueues(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(provider => new Lazy<ServiceBusClient>(provider.GetRequiredService<ServiceBusClient>));
        services.AddSingleton<QueueSender>();
        services.AddSingleton<IOutages, QueueOutages>();
        services.AddSingleton<FailurePolicy>();
        services.AddHostedService<QueueAgeGauge>();
        return builder;
    }
}

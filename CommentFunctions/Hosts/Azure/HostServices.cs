using CommentFunctions.Bot;
using CommentFunctions.Comments.Stores;
using CommentFunctions.Health;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Hosts;

/// <summary>Registers what only builds for Azure have.</summary>
public static class HostServices
{
    /// <summary>Adds the client of the Service Bus namespace, and the Cosmos DB store.</summary>
    public static IHostApplicationBuilder AddHost(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(services => ServiceBusConnection.Open(services.GetRequiredService<IConfiguration>()));
        builder.Services.AddSingleton<IQueueDepth, UnknownQueueDepth>();
        builder.Services.AddSingleton<IQueueAge, PeekedQueueAge>();
        builder.Services.AddKeyedSingleton<CommentStore, CosmosStore>(StoreNames.Cosmos);
        return builder;
    }
}

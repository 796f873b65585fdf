using Azure.Core;
using CommentFunctions.Bot;
using CommentFunctions.Comments;
using CommentFunctions.Comments.Stores;
using CommentFunctions.Health;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Hosts;

/// <summary>Registers what only builds for Azure have.</summary>
public static class HostServices
{
    /// <summary>Adds the client of the Service Bus namespace, the Cosmos DB store, and signing in to PostgreSQL with an identity.</summary>
    public static IHostApplicationBuilder AddHost(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(services => ServiceBusConnection.Open(services.GetRequiredService<IConfiguration>()));
        builder.Services.AddSingleton<IQueueDepth, UnknownQueueDepth>();
        builder.Services.AddSingleton<IQueueAge, PeekedQueueAge>();
        builder.Services.AddKeyedSingleton<CommentStore, CosmosStore>(StoreNames.Cosmos);
        builder.Services.AddSingleton<IPostgresPasswords>(services => new EntraPasswords(new(() => Credential(services))));
        return builder;
    }

    private static TokenCredential Credential(IServiceProvider services)
    {
        var settings = services.GetRequiredService<IOptions<CommentOptions>>().Value;
        return AzureCredential.Choose(settings.Credential, settings.ClientId);
    }
}

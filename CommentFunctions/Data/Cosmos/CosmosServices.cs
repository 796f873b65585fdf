using CommentFunctions.Data;
using CommentFunctions.Data.Cosmos;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions;

// The part of the registration that needs Cosmos DB's provider.
public static partial class StoreServices
{
    static partial void AddCosmos(IServiceCollection services) => services.AddKeyedSingleton<CommentStore, CosmosStore>(StoreNames.Cosmos);
}

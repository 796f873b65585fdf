using CommentFunctions.Comments.Stores;
using CommentFunctions.Comments.Stores.Cosmos;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Comments;

// The part of the registration that needs Cosmos DB's provider.
public static partial class CommentServices
{
    static partial void AddCosmos(IServiceCollection services) => services.AddKeyedSingleton<CommentStore, CosmosStore>(StoreNames.Cosmos);
}

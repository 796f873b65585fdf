using Azure.Core;
using CommentFunctions.Data;
using CommentFunctions.Data.Django;
using CommentFunctions.Data.Postgres;
using CommentFunctions.Data.Sqlite;
using CommentFunctions.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommentFunctions;

/// <summary>Registers what <c>Comments:Store</c> and <c>Comments:Schema</c> choose from.</summary>
public static partial class StoreServices
{
    /// <summary>Adds the stores that this build has, and the schemas.</summary>
    public static IHostApplicationBuilder AddStores(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddKeyedSingleton<CommentStore, SqliteStore>(StoreNames.Sqlite);
        services.AddKeyedSingleton<SiteDialect, SqliteSites>(StoreNames.Sqlite);
        services.AddKeyedSingleton<CommentStore, PostgresStore>(StoreNames.Postgres);
        services.AddKeyedSingleton<SiteDialect, PostgresSites>(StoreNames.Postgres);
        AddCosmos(services);
        services.AddSingleton<IPostgresPasswords>(provider => new EntraPasswords(new(() => Credential(provider))));
        services.AddKeyedSingleton<CommentSchema, OwnSchema>(SchemaNames.Own);
        services.AddKeyedSingleton<CommentSchema, DjangoSchema>(SchemaNames.Django);
        services.AddSingleton<SiteDialects>();
        return builder;
    }

    private static TokenCredential Credential(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<IOptions<CommentOptions>>().Value;
        return AzureCredential.Choose(settings.Credential, settings.ClientId);
    }

    /// <summary>Adds Cosmos DB; nothing where its folder is not compiled, for its provider is not on every registry.</summary>
    static partial void AddCosmos(IServiceCollection services);
}

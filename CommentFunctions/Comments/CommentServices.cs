using Azure.Core;
using CommentFunctions.Comments.Django;
using CommentFunctions.Comments.Stores;
using CommentFunctions.Failures;
using CommentFunctions.Identity;
using CommentFunctions.Settings;
using CommentFunctions.Time;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Comments;

/// <summary>Registers the data and what is done with it.</summary>
public static partial class CommentServices
{
    /// <summary>Adds the context on the configured store, its schema, and the services of this folder.</summary>
    public static IHostApplicationBuilder AddComments(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddKnownSettings(KnownSettings.Of<CommentOptions>(CommentOptions.Section));
        services.AddOptions<CommentOptions>().BindConfiguration(CommentOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CommentOptions>, CommentOptionsValidator>();

        services.AddKeyedSingleton<CommentStore, SqliteStore>(StoreNames.Sqlite);
        services.AddKeyedSingleton<CommentStore, PostgresStore>(StoreNames.Postgres);
        AddCosmos(services);
        services.AddSingleton<IPostgresPasswords>(provider => new EntraPasswords(new(() => Credential(provider))));
        services.AddSingleton(provider => provider.GetRequiredKeyedService<CommentStore>(
            StoreNames.Find(provider.GetRequiredService<IOptions<CommentOptions>>().Value.Store)));
        services.AddKeyedSingleton<CommentTables, OwnTables>(SchemaNames.Own);
        services.AddKeyedSingleton<CommentTables, DjangoTables>(SchemaNames.Django);
        services.AddSingleton(provider => provider.GetRequiredKeyedService<CommentTables>(
            SchemaNames.Find(provider.GetRequiredService<IOptions<CommentOptions>>().Value.Schema)));
        services.AddDbContextPool<CommentDbContext>((provider, options) =>
        {
            provider.GetRequiredService<CommentStore>().Configure(options);
            // Whoever saves or asks logs what fails, or expects it: of several first comments of a user, all but one find the user there.
            options.ConfigureWarnings(warnings => warnings.Log(
                (CoreEventId.SaveChangesFailed, LogLevel.Debug), (CoreEventId.QueryIterationFailed, LogLevel.Debug)));
        });
        services.AddHostedService<CommentSchema>();

        services.AddSingleton<IOutages>(provider => provider.GetRequiredService<CommentStore>());
        services.AddSingleton<TimeOrderedIds>();
        services.AddSingleton<Retention>();
        services.AddSingleton<LatestComment>();
        services.AddScoped<CommentWriter>();
        services.AddScoped<CommentListing>();
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

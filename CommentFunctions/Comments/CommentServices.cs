using CommentFunctions.Comments.Django;
using CommentFunctions.Comments.Stores;
using CommentFunctions.Time;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Comments;

/// <summary>Registers the data and what is done with it.</summary>
public static class CommentServices
{
    /// <summary>Adds the context on the configured store, its schema, and the services of this folder.</summary>
    public static IHostApplicationBuilder AddComments(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<CommentOptions>().BindConfiguration(CommentOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CommentOptions>, CommentOptionsValidator>();

        services.AddKeyedSingleton<CommentStore, SqliteStore>(StoreNames.Sqlite);
        services.AddKeyedSingleton<CommentStore, PostgresStore>(StoreNames.Postgres);
        services.AddSingleton(provider => provider.GetRequiredKeyedService<CommentStore>(
            StoreNames.Find(provider.GetRequiredService<IOptions<CommentOptions>>().Value.Store)));
        services.AddKeyedSingleton<CommentTables, OwnTables>(SchemaNames.Own);
        services.AddKeyedSingleton<CommentTables, DjangoTables>(SchemaNames.Django);
        services.AddSingleton(provider => provider.GetRequiredKeyedService<CommentTables>(
            SchemaNames.Find(provider.GetRequiredService<IOptions<CommentOptions>>().Value.Schema)));
        services.AddDbContextPool<CommentDbContext>((provider, options) => provider.GetRequiredService<CommentStore>().Configure(options));
        services.AddHostedService<CommentSchema>();

        services.AddSingleton<TimeOrderedIds>();
        services.AddSingleton<Retention>();
        services.AddSingleton<LatestComment>();
        services.AddScoped<CommentWriter>();
        services.AddScoped<CommentListing>();
        return builder;
    }
}

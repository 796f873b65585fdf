using CommentFunctions.Failures;
using CommentFunctions.Settings;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Data;

/// <summary>Registers the data.</summary>
public static class DataServices
{
    /// <summary>Adds the context on the configured store and schema; those that can be configured add themselves.</summary>
    public static IHostApplicationBuilder AddData(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddKnownSettings(KnownSettings.Of<CommentOptions>(CommentOptions.Section));
        services.AddOptions<CommentOptions>().BindConfiguration(CommentOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CommentOptions>, CommentOptionsValidator>();

        services.AddSingleton(provider => provider.GetRequiredKeyedService<CommentStore>(
            StoreNames.Find(provider.GetRequiredService<IOptions<CommentOptions>>().Value.Store)));
        services.AddSingleton(provider => provider.GetRequiredKeyedService<CommentSchema>(
            SchemaNames.Find(provider.GetRequiredService<IOptions<CommentOptions>>().Value.Schema)));
        services.AddDbContextPool<CommentDbContext>((provider, options) =>
        {
            provider.GetRequiredService<CommentStore>().Configure(options);
            // Whoever saves or asks logs what fails, or expects it: of several first comments of a user, all but one find the user there.
            options.ConfigureWarnings(warnings => warnings.Log(
                (CoreEventId.SaveChangesFailed, LogLevel.Debug), (CoreEventId.QueryIterationFailed, LogLevel.Debug)));
        });
        services.AddHostedService<StoreInitializer>();

        services.AddSingleton<IOutages>(provider => provider.GetRequiredService<CommentStore>());
        services.AddSingleton<TimeOrderedIds>();
        services.AddSingleton<Retention>();
        services.AddSingleton<LatestComment>();
        return builder;
    }
}

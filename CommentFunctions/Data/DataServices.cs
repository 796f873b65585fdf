using CommentFunctions.Failures;
using CommentFunctions.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Data;

/// <summary>Registers the data.</summary>
public static partial class DataServices
{
    /// <summary>Adds the context on the configured store and schema; those that can be configured add themselves.</summary>
    public static IHostApplicationBuilder AddData(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddKnownSettings(KnownSettings.Of<CommentOptions>(CommentOptions.Section));
        services.AddKnownSettings(KnownSettings.Of<DjangoOptions>($"{CommentOptions.Section}:{nameof(CommentOptions.Django)}"));
        services.AddOptions<CommentOptions>().BindConfiguration(CommentOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CommentOptions>, CommentOptionsValidator>();
        services.AddOptions<CommentOptions>().PostConfigure<StorePreparation>((comments, preparation) => preparation.Complete(comments));
        services.TryAddSingleton(new StorePreparation(IsLeftOut: false));

        services.AddSingleton(provider => provider.GetRequiredKeyedService<CommentStore>(
            StoreNames.Find(provider.GetRequiredService<IOptions<CommentOptions>>().Value.Store)));
        services.AddSingleton(provider => provider.GetRequiredKeyedService<CommentSchema>(
            SchemaNames.Find(provider.GetRequiredService<IOptions<CommentOptions>>().Value.Schema)));
        services.AddDbContextPool<CommentDbContext>((provider, options) =>
        {
            var store = provider.GetRequiredService<CommentStore>();
            store.Configure(options);
            if (provider.GetRequiredService<CommentSchema>() is OwnSchema)
            {
                UseCompiledModel(options, store.Name);
            }

            // The caller logs what fails, or expects it: of several first comments of a user, all but one find the user there.
            options.ConfigureWarnings(warnings => warnings.Log(
                (CoreEventId.SaveChangesFailed, LogLevel.Debug), (CoreEventId.QueryIterationFailed, LogLevel.Debug)));
        });
        services.AddHostedService<StoreInitializer>();

        services.AddSingleton<IOutages>(provider => provider.GetRequiredService<CommentStore>());
        services.AddSingleton<TimeOrderedIds>();
        services.AddSingleton<Retention>();
        return builder;
    }

    /// <summary>Has the context use the model that was made beforehand; nothing in a build without it, where EF makes the same at start.</summary>
    static partial void UseCompiledModel(DbContextOptionsBuilder options, string store);
}

/// <summary>
/// Makes the tables where that is asked for, and looks at them, before anything listens: a store that cannot be used ends the start
/// with a line that says what to do.
/// </summary>
public sealed class StoreInitializer(
    IServiceScopeFactory scopes, CommentStore store, CommentSchema schema, IOptions<CommentOptions> options, StorePreparation preparation)
    : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (preparation.IsLeftOut)
        {
            return;
        }

        // SQLite's provider does its work before it returns a task, and an interrupted start must not wait for that.
        await Task.Run(() => PrepareAsync(cancellationToken), cancellationToken).WaitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();
        await store.PrepareAsync(db, schema, options.Value.CreateSchema, cancellationToken);
    }
}

/// <summary>Whether this process goes without <see cref="StoreInitializer"/>, for a command that is there to find the settings which fit the store.</summary>
/// <param name="IsLeftOut">Whether it does.</param>
public sealed record StorePreparation(bool IsLeftOut)
{
    /// <summary>Sets what such a command need not know yet, and an app that deletes does.</summary>
    internal void Complete(CommentOptions options)
    {
        if (IsLeftOut && string.IsNullOrWhiteSpace(options.Django.TimeZone))
        {
            options.Django.TimeZone = TimeZoneInfo.Utc.Id;
        }
    }
}

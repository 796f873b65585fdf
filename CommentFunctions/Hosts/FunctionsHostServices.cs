using Azure.Messaging.ServiceBus;
using CommentFunctions.Data;
using CommentFunctions.Data.Sqlite;
using CommentFunctions.Expiry;
using CommentFunctions.Queues;
using CommentFunctions.Settings;
using CommentFunctions.Telemetry;
using Functions.LocalRuntime.Hosting;
using Functions.LocalRuntime.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Hosts;

/// <summary>Registers what the app has under Microsoft's Functions host alone.</summary>
public static class FunctionsHostServices
{
    /// <summary>
    /// Adds host.json's log levels, a lasting place for files, the client and the queue status of the Service Bus namespace, a mark where
    /// the schedule is missing, and telemetry tied to the host's.
    /// </summary>
    public static TBuilder AddFunctionsHost<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        if (builder.Configuration["Functions:Worker:HostEndpoint"] is null)
        {
            throw new StartupException("In Azure (WEBSITE_INSTANCE_ID or FUNCTIONS_EXTENSION_VERSION is set) the Functions host alone starts the app. "
                + "A function is run by hand there with POST /admin/functions/<name> and the master key.");
        }

        if (string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(ExpirySchedule.Setting)))
        {
            // The host reads the timer's setting itself, before the app could give it the default, and passes its settings on like this.
            builder.Services.AddSingleton<TimerLeftOut>();
        }

        var root = ScriptRoot.Find();
        // The host goes by them for what it logs itself; of the worker it takes every line.
        builder.Configuration.AddInMemoryCollection(root.LogLevels.Where(level => builder.Configuration[level.Key] is null));
        builder.Environment.ContentRootPath = root.LastingPath;
        builder.Services.AddSingleton<IValidateOptions<CommentOptions>>(new RelativeFileValidator(root));
        // A body that is refused is read to its end, or the host, which passes it on, takes the broken connection for a failure and answers
        // 500. The host has a limit of its own, and no function reads more than it allows.
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Services.AddSingleton(services => ServiceBusConnection.Open(services.GetRequiredService<IConfiguration>()));
        builder.Services.AddSingleton<IQueueStatus, PeekedQueueStatus>();
        builder.AddTelemetry(telemetry => telemetry.UseFunctionsWorkerDefaults());
        return builder;
    }
}

/// <summary>Opens the Service Bus namespace by the same settings as the host's triggers.</summary>
public static class ServiceBusConnection
{
    /// <summary>A client by connection string (<c>ServiceBus</c>) or by identity (<c>ServiceBus__fullyQualifiedNamespace</c>).</summary>
    /// <exception cref="InvalidOperationException">Neither is set.</exception>
    public static ServiceBusClient Open(IConfiguration configuration)
    {
        var settings = configuration.GetSection(QueueNames.Connection);
        if (!string.IsNullOrWhiteSpace(settings.Value))
        {
            return new(settings.Value);
        }

        return settings["fullyQualifiedNamespace"] is { Length: > 0 } name
            ? new(name, AzureCredential.Choose(settings["credential"], settings["clientId"]))
            : throw new InvalidOperationException(
                $"No queue can be reached: set {QueueNames.Connection} to a connection string, or "
                + $"{QueueNames.Connection}__fullyQualifiedNamespace to a namespace that the app's identity may use.");
    }
}

/// <summary>Ends the start where a SQLite file with a relative path would be lost, or is one that comments would be missed from.</summary>
internal sealed class RelativeFileValidator(ScriptRoot root) : IValidateOptions<CommentOptions>
{
    public ValidateOptionsResult Validate(string? name, CommentOptions options)
    {
        if (StoreNames.Find(options.Store) is not StoreNames.Sqlite || SqliteStore.FindRelativeFile(options) is not { } file)
        {
            return ValidateOptionsResult.Skip;
        }

        if (FunctionApp.IsInAzure)
        {
            return ValidateOptionsResult.Fail(
                $"Comments:Store is Sqlite, whose file {file} would be on an instance's own disk, which Azure throws away with the instance. "
                + $"Set Comments:Store to {StoreNames.Postgres} or {StoreNames.Cosmos}.");
        }

        var (kept, here) = (Path.GetFullPath(file, root.Path), Path.GetFullPath(file, root.LastingPath));
        return kept == here || !File.Exists(kept)
            ? ValidateOptionsResult.Skip
            : ValidateOptionsResult.Fail(
                $"The comments of earlier starts are in {kept}, in the build's output, and the app now keeps them in {here}. "
                + "Move the file there, with those beside it whose names begin like its own, or delete them.");
    }
}

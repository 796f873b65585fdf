using CommentFunctions.Bot;
using CommentFunctions.Expiry.Progress;
using CommentFunctions.Health;
using Functions.LocalRuntime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Hosts;

/// <summary>Registers what only the local host has.</summary>
public static class HostServices
{
    /// <summary>
    /// Adds the look at the local queues, and the progress bar of commands; the local runtime itself registers the queues' client.
    /// </summary>
    public static IHostApplicationBuilder AddHost(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IQueueDepth, LocalQueueDepth>();
        builder.Services.AddSingleton<IQueueAge, LocalQueueAge>();
        builder.Services.AddSingleton<IExpiryReporter>(services => services.GetService<CommandTerminal>() is { } terminal
            ? new ExpiryProgressBar(terminal)
            : ActivatorUtilities.CreateInstance<ExpiryProgressLog>(services));
        return builder;
    }
}

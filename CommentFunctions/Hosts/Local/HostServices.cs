using CommentFunctions.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Hosts;

/// <summary>Registers what only the local host has.</summary>
public static class HostServices
{
    /// <summary>Adds the look at the local queues; the local runtime itself registers the queues' client.</summary>
    public static IHostApplicationBuilder AddHost(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IQueueDepth, LocalQueueDepth>();
        return builder;
    }
}

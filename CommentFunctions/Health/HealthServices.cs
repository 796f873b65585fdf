using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Health;

public static class HealthServices
{
    /// <summary>Adds the health check; the host's folder has the <see cref="IQueueStatus"/>.</summary>
    public static IHostApplicationBuilder AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DisabledTriggers>();
        builder.Services.AddSingleton<HealthReporter>();
        builder.Services.AddHostedService<MistypedSettings>();
        return builder;
    }
}

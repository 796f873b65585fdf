using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Expiry;

public static class ExpiryServices
{
    /// <summary>Adds the job, its records and reports, and the schedule's default.</summary>
    public static IHostApplicationBuilder AddExpiry(this IHostApplicationBuilder builder)
    {
        // First of the sources, so that every other one wins: the timer's %CommentExpirySchedule% needs a value in configuration.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = [new(ExpirySchedule.Setting, ExpirySchedule.Default)],
        });
        builder.Services.AddSingleton<ExpirySchedule>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<ExpirySchedule>());
        builder.Services.AddHostedService<StartReport>();
        builder.Services.AddSingleton<ExpiryRunLog>();
        builder.Services.AddSingleton<ExclusiveRuns>();
        builder.Services.AddSingleton<OperatorRuns>();
        builder.Services.TryAddSingleton(new ForegroundRuns(Always: false));
        builder.Services.AddSingleton<ExpiryMetrics>();
        // The host may have registered another way to report.
        builder.Services.TryAddSingleton<IExpiryReporter, ExpiryProgressLog>();
        builder.Services.AddScoped<ExpiryJob>();
        return builder;
    }
}

using CommentFunctions.Expiry.Progress;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Expiry;

/// <summary>Registers the expiry job.</summary>
public static class ExpiryServices
{
    /// <summary>Adds the job, its records and reports, and the schedule's default.</summary>
    public static IHostApplicationBuilder AddExpiry(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // First of the sources, so that every other one wins: the timer's %CommentExpirySchedule% needs a value in configuration.
        builder.Configuration.Sources.Insert(0, new DefaultSchedule());
        builder.Services.AddSingleton<ExpirySchedule>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<ExpirySchedule>());
        builder.Services.AddSingleton<ExpiryRunLog>();
        builder.Services.AddSingleton<RunsAtWork>();
        builder.Services.AddSingleton<ExpiryMetrics>();
        // The host may have registered another way to report.
        builder.Services.TryAddSingleton<IExpiryReporter, ExpiryProgressLog>();
        builder.Services.AddSingleton<ExpiryWatches>();
        builder.Services.AddScoped<ExpiryJob>();
        return builder;
    }

    /// <summary>
    /// Takes the schedule's default away where another process reads the schedule, from settings of its own: what is not set there is
    /// not to look as if it were.
    /// </summary>
    public static void RemoveDefaultSchedule(IConfigurationManager configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        foreach (var source in configuration.Sources.OfType<DefaultSchedule>().ToList())
        {
            configuration.Sources.Remove(source);
        }
    }

    private sealed class DefaultSchedule : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => new MemoryConfigurationSource
        {
            InitialData = [new(ExpirySchedule.Setting, ExpirySchedule.Default)],
        }.Build(builder);
    }
}

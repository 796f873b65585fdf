using System.Reflection;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Site;
using CommentFunctions.Telemetry;
using Functions.LocalRuntime.Hosting;
using Functions.LocalRuntime.Http;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Queues;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CommentFunctions.Hosts;

/// <summary>Registers what the app has on the local runtime alone, which itself registers the queues' client.</summary>
public static class LocalHostServices
{
    /// <summary>
    /// Adds the status of the local queues, what to do about dead letters, the progress bar and the help of commands, the webhooks' routes, the
    /// page that <c>/</c> leads to, the keys of rights, and to telemetry the spans of requests and of functions, and the app's name unless
    /// <c>OTEL_SERVICE_NAME</c> says another.
    /// </summary>
    public static TBuilder AddLocalHost<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddSingleton<IQueueStatus, LocalQueueStatus>();
        builder.Services.AddSingleton(new FunctionDocument(GetOpenApi.Open));
        builder.Services.AddSingleton(new DeadLetterAdvice(DeadLetterSteps.For));
        builder.Services.AddSingleton(Reporter);
        builder.Services.AddSingleton(services => new ForegroundRuns(Always: services.GetService<CommandRun>() is not null));
        builder.Services.AddSingleton(services => new StorePreparation(IsLeftOut: services.GetService<CommandRun>()?.IsOf(SiteApi.Describe) is true));
        builder.Services.AddSingleton<StartDetails>();
        builder.Services.AddSingleton(new WebhookRoutes("channels/"));
        builder.Services.AddSingleton(new HomePage("dashboard"));
        builder.AddTelemetry(telemetry => telemetry
            .ConfigureResource(resource => resource
                .AddService(TelemetryNames.App, serviceVersion: Assembly.GetExecutingAssembly().GetName().Version?.ToString())
                .AddEnvironmentVariableDetector())
            .WithTracing(traces => traces.AddSource("Microsoft.AspNetCore", TelemetryNames.Worker)));
        return builder;
    }

    private static IExpiryReporter Reporter(IServiceProvider services)
    {
        IExpiryReporter reporter = services.GetService<CommandTerminal>() is { } terminal
            ? new ExpiryProgressBar(terminal)
            : ActivatorUtilities.CreateInstance<ExpiryProgressLog>(services);
        return services.GetService<CommandRun>() is { } command ? new ExpiryCommand(reporter, command) : reporter;
    }
}

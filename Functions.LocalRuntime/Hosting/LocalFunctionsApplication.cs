using System.Reflection;
using Functions.LocalRuntime.Admin;
using Functions.LocalRuntime.Invocation;
using Functions.LocalRuntime.Queues;
using Functions.LocalRuntime.Settings;
using Functions.LocalRuntime.Storage;
using Functions.LocalRuntime.Timers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Console;

namespace Functions.LocalRuntime.Hosting;

/// <summary>Where a function app starts that runs in this process, as <c>FunctionsApplication</c> is where one starts under the Functions host.</summary>
public static class LocalFunctionsApplication
{
    /// <summary>A builder for an app with these command line arguments.</summary>
    /// <exception cref="StartupException">The arguments, host.json or local.settings.json make no sense.</exception>
    public static LocalFunctionsApplicationBuilder CreateBuilder(string[] args) => new(args);
}

/// <summary>
/// Builds a function app that runs in this process. Settings come, the later the stronger, from local.settings.json, the
/// environment and the command line.
/// </summary>
public sealed class LocalFunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly IHostApplicationBuilder builder;
    private readonly Func<IHost> build;
    private readonly FunctionMiddleware pipeline = [];
    private readonly Arguments arguments;
    private readonly IEnumerable<Type> types;
    private readonly string[] urls;
    private bool built;
    private bool started;

    internal LocalFunctionsApplicationBuilder(string[] args)
        : this(Arguments.Parse(args), ScriptRoot.Find(), Assembly.GetEntryAssembly()!.GetExportedTypes())
    {
    }

    internal LocalFunctionsApplicationBuilder(Arguments arguments, ScriptRoot root, IEnumerable<Type> types)
    {
        this.arguments = arguments;
        this.types = types;
        urls = arguments.Urls ?? [$"http://127.0.0.1:{arguments.Port ?? root.Port}"];
        var environment = System.Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
            ?? System.Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT") ?? Environments.Development;
        if (arguments.Command == Command.Serve)
        {
            var web = WebApplication.CreateSlimBuilder(new WebApplicationOptions
            {
                // Otherwise every write to the state folder is reported to a watcher for appsettings.json, which slows down the queues.
                Args = ["--hostBuilder:reloadConfigOnChange=false", .. arguments.Settings],
                ContentRootPath = root.Path,
                EnvironmentName = environment,
            });
            web.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
            web.WebHost.UseUrls(urls);
            // The slim builder leaves out the constraints, such as {id:alpha}, that routes of functions may have.
            web.Services.AddRouting();
            // LocalRuntime:ShutdownTimeout decides how long requests are waited for, also beyond the 30 seconds of the generic host.
            web.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
            (builder, build) = (web, web.Build);
        }
        else
        {
            var console = new HostApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = root.Path, EnvironmentName = environment });
            (builder, build) = (console, console.Build);
        }

        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [.. root.LogLevels, .. root.Values] });
        // Its lines about requests have the path and the query. A line of each invocation is enough.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("Logging:LogLevel:Microsoft.AspNetCore", "Warning")] });
        AddLogging(builder.Logging);
        AddRuntime(root);
    }

    public IDictionary<object, object> Properties => builder.Properties;

    /// <summary>The app's configuration.</summary>
    public ConfigurationManager Configuration => (ConfigurationManager)builder.Configuration;

    IConfigurationManager IHostApplicationBuilder.Configuration => builder.Configuration;

    public IHostEnvironment Environment => builder.Environment;

    public ILoggingBuilder Logging => builder.Logging;

    public IMetricsBuilder Metrics => builder.Metrics;

    /// <summary>The app's services.</summary>
    public IServiceCollection Services => builder.Services;

    /// <exception cref="InvalidOperationException">The app was built.</exception>
    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        if (built)
        {
            throw new InvalidOperationException("The app was built; middleware is added before.");
        }

        pipeline.Add(middleware);
        return this;
    }

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => builder.ConfigureContainer(factory, configure);

    /// <summary>The app, ready to do what the command line asks for.</summary>
    public IHost Build()
    {
        built = true;
        var host = build();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => started = true);
        return arguments.Command == Command.Serve
            ? new ServingHost((WebApplication)host, urls, types)
            : new ConsoleHost(host, arguments, types);
    }

    private void AddLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        // What Kestrel and the generic host say at start, the table says better.
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        // A start that fails is told once, by FunctionApp or as an unhandled exception; later this category has news.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => started && level >= LogLevel.Warning);
        if (arguments.Command != Command.Serve)
        {
            // Standard output is for the function's result.
            Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        }
    }

    private void AddRuntime(ScriptRoot root)
    {
        Services.TryAddSingleton(TimeProvider.System);
        Services.AddSingleton(HostJsonOptions.From(root.HostJson));
        Services.AddSingleton(services => LocalRuntimeOptions.From(services.GetRequiredService<IConfiguration>(), root.Path));
        Services.AddSingleton(services => new StateFolder(services.GetRequiredService<LocalRuntimeOptions>().Folder));
        Services.AddSingleton(services => new RuntimeFile(services.GetRequiredService<StateFolder>().Database));
        Services.AddSingleton<DeadLetterLog>();
        Services.AddSingleton<QueueStore>();
        Services.AddSingleton<ILocalQueues>(services => services.GetRequiredService<QueueStore>());
        Services.AddSingleton<ServiceBusClient, LocalServiceBusClient>();
        Services.AddSingleton<TimerStore>();
        Services.AddSingleton(pipeline);
        Services.AddSingleton<FunctionInvoker>();
        Services.AddSingleton<ManualRun>();
        if (arguments.Command == Command.Run)
        {
            Services.AddSingleton(new CommandRun(arguments.Function!));
            if (!Console.IsErrorRedirected)
            {
                Services.AddSingleton(new CommandTerminal(Console.Error, () => Console.WindowWidth));
            }
        }

        if (types.Any(ReturnsActionResults))
        {
            // What writes an IActionResult; IResult writes itself.
            Services.AddMvcCore();
            if (arguments.Command != Command.Serve)
            {
                // MVC's controllers, which have no use here, need the web server that a command does without.
                var options = new ServiceProviderOptions { ValidateScopes = Environment.IsDevelopment(), ValidateOnBuild = false };
                builder.ConfigureContainer(new DefaultServiceProviderFactory(options));
            }
        }
    }

    private static bool ReturnsActionResults(Type type) => type.GetMethods().Any(method => method.IsDefined(typeof(FunctionAttribute))
        && method.ReturnType.GetGenericArguments().Append(method.ReturnType).Any(typeof(IActionResult).IsAssignableFrom));
}

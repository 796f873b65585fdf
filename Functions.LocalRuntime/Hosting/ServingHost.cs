using System.Net.Sockets;
using Functions.LocalRuntime.Admin;
using Functions.LocalRuntime.Http;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Functions.LocalRuntime.Queues;
using Functions.LocalRuntime.Settings;
using Functions.LocalRuntime.Storage;
using Functions.LocalRuntime.Timers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Functions.LocalRuntime.Hosting;

/// <summary>The app as a server: HTTP, timers and queues, until the process is told to stop; then running functions may finish.</summary>
internal sealed partial class ServingHost(WebApplication app, IReadOnlyList<string> urls, IEnumerable<Type> types) : IHost, IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly List<TimerListener> timers = [];
    private readonly List<QueueListener> queues = [];
    private readonly List<Task> listening = [];
    private AdminApi? admin;
    private bool started;

    public IServiceProvider Services => app.Services;

    /// <summary>Starts everything, or throws.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        // Before the generic host does it, which would log a stack trace for a mistyped setting.
        Get<IStartupValidator>()?.Validate();
        var functions = new FunctionIndexer(app.Configuration, Get<HostJsonOptions>()!).Index(types);
        List<NamedFunctionKey> keys = [.. Services.GetServices<NamedFunctionKey>()];
        var guard = new CallerGuard(Get<LocalRuntimeOptions>()!, urls.Select(BindingAddress.Parse), [.. keys.Select(key => key.Name)], app.Logger);
        var folder = Get<StateFolder>()!;
        folder.Create();
        folder.Own();
        await OnFileAsync(Get<QueueStore>()!.ReleaseLocksAsync);
        TakeRequests(functions, keys, guard);
        started = true;
        await StartServerAsync(cancellationToken);
        var enabled = functions.Where(function => !function.Disabled).ToList();
        foreach (var function in functions.Except(enabled))
        {
            Log.Disabled(app.Logger, function.Name);
        }

        await ListenAsync(enabled);
        Terminal.WriteTable(functions, function => timers.Find(timer => timer.Function == function)?.Next);
        var page = HomePath is { } path ? $" - page at {app.Urls.First()}/{path}" : "";
        Terminal.WriteLine($"Serving on {string.Join(", ", app.Urls)}{page} - state in {Get<LocalRuntimeOptions>()!.Folder} - Ctrl-C stops.");
    }

    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!started)
        {
            return;
        }

        Terminal.WriteLine($"Stopping; {Get<FunctionInvoker>()!.Running} running functions may finish.");
        await stopping.CancelAsync();
        var finished = FinishAsync();
        var timeout = Get<LocalRuntimeOptions>()!.ShutdownTimeout;
        if (await Task.WhenAny(finished, Task.Delay(timeout, CancellationToken.None)) != finished)
        {
            Get<FunctionInvoker>()!.Cancel();
            await Task.WhenAny(finished, Task.Delay(TimeSpan.FromSeconds(5), CancellationToken.None));
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        queues.ForEach(queue => queue.Dispose());
        await app.DisposeAsync();
        stopping.Dispose();
    }

    private async Task ListenAsync(IReadOnlyList<FunctionDescriptor> functions)
    {
        foreach (var function in functions.Where(function => function.Trigger is TimerTrigger))
        {
            var timer = ActivatorUtilities.CreateInstance<TimerListener>(Services, function);
            await OnFileAsync(timer.PrepareAsync);
            timers.Add(timer);
        }

        queues.AddRange(functions.Where(function => function.Trigger is QueueTrigger)
            .Select(function => ActivatorUtilities.CreateInstance<QueueListener>(Services, function)));
        listening.AddRange(timers.Select(timer => Task.Run(() => timer.ListenAsync(stopping.Token))));
        listening.AddRange(queues.Select(queue => Task.Run(() => queue.ListenAsync(stopping.Token))));
    }

    private async Task FinishAsync()
    {
        await Task.WhenAll([.. listening, app.StopAsync(CancellationToken.None)]);
        // Last: until HTTP has stopped, more may be asked for.
        await admin!.FinishAsync();
    }

    private void TakeRequests(IReadOnlyList<FunctionDescriptor> functions, IReadOnlyList<NamedFunctionKey> keys, CallerGuard guard)
    {
        // What is not caught elsewhere; without it the development environment would show a page with the stack trace.
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = e => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
            ExceptionHandler = http =>
                Results.Problem("The local runtime failed to do this; the failure is logged.", statusCode: http.Response.StatusCode).ExecuteAsync(http),
        });
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        foreach (var proxy in Get<LocalRuntimeOptions>()!.KnownProxies)
        {
            forwarded.KnownProxies.Add(proxy);
        }

        app.UseForwardedHeaders(forwarded);
        app.UseRouting();
        app.Use(next => http => guard.InvokeAsync(http, next));
        var prefix = Get<HostJsonOptions>()!.RoutePrefix;
        var webhooks = Services.GetServices<WebhookRoutes>().Select(routes => $"{prefix}/{routes.Prefix}".TrimStart('/'));
        app.MapFunctions(functions, Get<FunctionInvoker>()!, [.. webhooks], keys);
        if (HomePath is { } page)
        {
            // Relative, so that it is right behind a proxy that puts something before it.
            app.MapGet("/", () => Results.Redirect(page));
        }

        admin = new(functions, Get<ManualRun>()!, app.Logger, stopping.Token);
        admin.MapTo(app);
    }

    private async Task StartServerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is SocketException or AddressInUseException || e.InnerException is AddressInUseException)
        {
            throw new StartupException($"{string.Join(" or ", urls)} cannot be used ({e.Message}). Choose another with --port or --urls.");
        }
    }

    private async Task OnFileAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is SqliteException or IOException)
        {
            throw RuntimeFile.Unusable(Get<StateFolder>()!.Database, e);
        }
    }

    private string? HomePath => Get<HomePage>() is { } page ? $"{Get<HostJsonOptions>()!.RoutePrefix}/{page.Route}".TrimStart('/') : null;

    private T? Get<T>() => Services.GetService<T>();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Function} is disabled (AzureWebJobs.{Function}.Disabled): its trigger is off, a run by hand is not")]
        public static partial void Disabled(ILogger logger, string function);
    }
}

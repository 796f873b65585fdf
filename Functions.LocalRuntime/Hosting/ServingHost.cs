using System.Net;
using System.Net.Sockets;
using Functions.LocalRuntime.CommandLine;
using Functions.LocalRuntime.Http;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Functions.LocalRuntime.Queues;
using Functions.LocalRuntime.Timers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Functions.LocalRuntime.Hosting;

/// <summary>The app as a server: HTTP, timers and queues, until the process is told to stop; then running functions may finish.</summary>
internal sealed class ServingHost(WebApplication app, int port, IEnumerable<Type> types) : IHost, IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly List<TimerListener> timers = [];
    private readonly List<QueueListener> queues = [];
    private readonly List<Task> listening = [];
    private readonly BackgroundRuns background = new();
    private bool started;

    public IServiceProvider Services => app.Services;

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await ServeAsync(cancellationToken);
        }
        catch (Exception e) when (StartupFailure.IsExplained(e))
        {
            StartupFailure.Report(e);
            app.Lifetime.StopApplication();
        }
    }

    /// <summary>Starts everything, or throws.</summary>
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        // Before the generic host does it, which would log a stack trace for a mistyped setting.
        Get<IStartupValidator>()?.Validate();
        var functions = new FunctionIndexer(app.Configuration, Get<HostOptions>()!).Index(types);
        var folder = Get<StateFolder>()!;
        folder.Create();
        folder.Own();
        CheckPort();
        await Get<QueueStore>()!.ReleaseLocksAsync();
        app.MapFunctions(functions, Get<FunctionInvoker>()!);
        app.MapAdmin(functions, Get<ManualRun>()!, background, app.Logger, stopping.Token);
        started = true;
        await app.StartAsync(cancellationToken);
        var next = await ListenAsync(functions.Where(function => !function.Disabled));
        Console.WriteLine(FunctionTable.Format(functions, next.GetValueOrDefault));
        Console.WriteLine($"Serving on {string.Join(", ", app.Urls)} - state in {Get<LocalRuntimeOptions>()!.Folder} - Ctrl-C stops.");
    }

    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!started)
        {
            return;
        }

        Console.WriteLine($"Stopping; {Get<FunctionInvoker>()!.Running} running functions may finish.");
        await stopping.CancelAsync();
        var finished = FinishAsync();
        var patience = Get<LocalRuntimeOptions>()!.ShutdownTimeout;
        if (await Task.WhenAny(finished, Task.Delay(patience, CancellationToken.None)) != finished)
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

    private async Task<Dictionary<FunctionDescriptor, DateTimeOffset?>> ListenAsync(IEnumerable<FunctionDescriptor> functions)
    {
        var next = new Dictionary<FunctionDescriptor, DateTimeOffset?>();
        foreach (var function in functions)
        {
            switch (function.Trigger)
            {
                case TimerTrigger:
                    var timer = ActivatorUtilities.CreateInstance<TimerListener>(Services, function);
                    await timer.PrepareAsync();
                    timers.Add(timer);
                    next[function] = timer.Next;
                    break;
                case QueueTrigger:
                    queues.Add(ActivatorUtilities.CreateInstance<QueueListener>(Services, function));
                    break;
            }
        }

        listening.AddRange(timers.Select(timer => Task.Run(() => timer.ListenAsync(stopping.Token))));
        listening.AddRange(queues.Select(queue => Task.Run(() => queue.ListenAsync(stopping.Token))));
        return next;
    }

    private async Task FinishAsync()
    {
        await Task.WhenAll([.. listening, app.StopAsync(CancellationToken.None)]);
        // Last: until HTTP has stopped, more may be asked for.
        await background.FinishAsync();
    }

    // Kestrel would say the same with a stack trace.
    private void CheckPort()
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
        }
        catch (SocketException e)
        {
            throw new StartupException($"Port {port} cannot be used ({e.Message}). Choose another with --port.");
        }
    }

    private T? Get<T>() => Services.GetService<T>();
}

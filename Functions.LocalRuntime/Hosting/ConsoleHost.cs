using System.Text.Json.Nodes;
using Functions.LocalRuntime.Admin;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Functions.LocalRuntime.Settings;
using Functions.LocalRuntime.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Functions.LocalRuntime.Hosting;

/// <summary>
/// The app as a command: it runs one function once, prints what came of it and ends with 0, with 1, or with 130 where it was stopped.
/// It listens to nothing, so it works beside a serving process; what it puts on a queue waits there for that process.
/// </summary>
internal sealed class ConsoleHost(IHost host, Arguments arguments, IEnumerable<Type> types) : IHost, IAsyncDisposable
{
    public IServiceProvider Services => host.Services;

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        switch (arguments.Command)
        {
            case Command.Help:
                Terminal.WriteLine(arguments.Function is null ? Arguments.Usage : Values(Function()).Help());
                break;
            case Command.List:
                List(Services.GetRequiredService<TimeProvider>().GetUtcNow());
                break;
            default:
                await RunAsync(cancellationToken);
                break;
        }

        Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

    public void Dispose() => host.Dispose();

    public ValueTask DisposeAsync() => (host as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask;

    private IReadOnlyList<FunctionDescriptor> Index() => new FunctionIndexer(
        Services.GetRequiredService<IConfiguration>(), Services.GetRequiredService<HostJsonOptions>()).Index(types);

    private void List(DateTimeOffset now)
    {
        if (!arguments.Values!.ContainsKey("json"))
        {
            Terminal.WriteTable(Index(), Next);
            return;
        }

        Console.WriteLine(new JsonArray([.. Index().Select(function => new JsonObject
        {
            ["name"] = function.Name,
            ["trigger"] = function.Trigger.Type,
            ["source"] = function.Trigger.Source,
            ["disabled"] = function.Disabled,
            ["next"] = Next(function)?.UtcDateTime,
        })]).ToJsonString());

        DateTimeOffset? Next(FunctionDescriptor function) => function is { Disabled: false, Trigger: TimerTrigger timer } ? timer.Schedule.Next(now) : null;
    }

    private FunctionDescriptor Function()
    {
        var functions = Index();
        return functions.FirstOrDefault(function => function.Name.Equals(arguments.Function, StringComparison.OrdinalIgnoreCase))
            ?? throw new StartupException(
                $"There is no function '{arguments.Function}'. The nearest one is {Names.Nearest(arguments.Function!, functions.Select(f => f.Name))}; `list` names all.");
    }

    private FunctionValues Values(FunctionDescriptor function) => new(function, Services.GetService<FunctionDocument>());

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var function = Function();
        var input = Values(function).Input(arguments.Values!);
        Services.GetService<IStartupValidator>()?.Validate();
        Services.GetRequiredService<StateFolder>().Create();
        await host.StartAsync(cancellationToken);
        // Ctrl-C ends the function, not only the wait.
        var stopping = Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var stop = stopping.Register(Services.GetRequiredService<FunctionInvoker>().Cancel);
        try
        {
            var result = await Services.GetRequiredService<ManualRun>().RunAsync(function, input, stopping);
            if (!result.Succeeded)
            {
                // An HTTP function that is stopped may answer so.
                stopping.ThrowIfCancellationRequested();
            }

            Terminal.WriteError($"{function.Name} {(result.Succeeded ? "succeeded" : "failed")}.");
            Console.WriteLine(result.Output ?? Outcome(function, result.Succeeded));
            Environment.ExitCode = result.Succeeded ? 0 : 1;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Terminal.WriteError($"Stopped. {Services.GetRequiredService<CommandRun>().StoppedAt}".TrimEnd());
            Environment.ExitCode = FunctionApp.Interrupted;
        }
        catch (Exception e) when (e is not StartupException)
        {
            Terminal.WriteError($"{function.Name} failed: {e.Message}");
            Terminal.WriteLine(Outcome(function, false));
            Environment.ExitCode = 1;
        }
    }

    // What a program reads in place of an answer.
    private static string Outcome(FunctionDescriptor function, bool succeeded) =>
        new JsonObject { ["function"] = function.Name, ["succeeded"] = succeeded }.ToJsonString();
}

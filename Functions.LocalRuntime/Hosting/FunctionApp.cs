using Functions.LocalRuntime.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Functions.LocalRuntime.Hosting;

/// <summary>Runs a function app, whichever host started it.</summary>
public static class FunctionApp
{
    /// <summary>What a start or a command ends with that was told to stop, as a shell reports Ctrl-C.</summary>
    internal const int Interrupted = 130;

    /// <summary>Whether this process runs in Azure.</summary>
    public static bool IsInAzure =>
        Array.Exists(["WEBSITE_INSTANCE_ID", "FUNCTIONS_EXTENSION_VERSION"], name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)));

    /// <summary>
    /// Whether Microsoft's Functions host started this process: it names its own address, and its native host, which starts from a
    /// placeholder, says so besides. In Azure nothing else may start an app, whatever the arguments are.
    /// </summary>
    internal static bool IsStartedByFunctionsHost(string[] args) =>
        Array.Exists(args, arg => arg.Split('=')[0] == "--functions-uri")
            || AppContext.GetData("AZURE_FUNCTIONS_NATIVE_HOST") is not null
            || IsInAzure;

    /// <summary>Runs the app that is built for the host that started this process.</summary>
    /// <returns>The process's exit code.</returns>
    public static Task<int> RunAsync(string[] args, Func<IHost> underFunctionsHost, Func<IHost> otherwise) =>
        RunAsync(IsStartedByFunctionsHost(args) ? underFunctionsHost : otherwise);

    /// <summary>
    /// Builds an app and runs it until it is told to stop. A start that fails for a reason that its developer or operator can mend says
    /// so in lines, without a stack trace.
    /// </summary>
    /// <returns>The process's exit code.</returns>
    internal static async Task<int> RunAsync(Func<IHost> build)
    {
        IHost? app = null;
        var started = false;
        try
        {
            app = build();
            await app.StartAsync();
            started = true;
            await app.WaitForShutdownAsync();
            return Environment.ExitCode;
        }
        catch (Exception) when (!started && app?.Services.GetService<IHostApplicationLifetime>() is { ApplicationStopping.IsCancellationRequested: true })
        {
            Terminal.WriteError("Stopped before the start was complete.");
            return Interrupted;
        }
        catch (Exception e) when (!started && Explain(e) is { } reasons)
        {
            Terminal.WriteError(string.Join(Environment.NewLine, ["Cannot start:", .. reasons.Select(reason => $"  {reason}")]));
            return 1;
        }
        finally
        {
            await ((app as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>What is wrong and what to do, one line each; null where only a change of the app's code could mend it.</summary>
    private static IReadOnlyList<string>? Explain(Exception exception) => exception switch
    {
        StartupException startup => startup.Messages,
        OptionsValidationException options => [.. options.Failures],
        // A value that is not of its setting's type; the message names both. Settings are bound by reflection, or by code that the build made.
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } reflected => [reflected.Message],
        InvalidOperationException { TargetSite.DeclaringType.Namespace: "Microsoft.Extensions.Configuration.Binder.SourceGeneration" } made => [made.Message],
        // Several sections of the settings at once.
        AggregateException several when several.InnerExceptions.All(e => Explain(e) is not null) => [.. several.InnerExceptions.SelectMany(e => Explain(e)!)],
        _ => null,
    };
}

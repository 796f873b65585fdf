using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>The end before the work is done: by Ctrl-C, by SIGTERM, by a terminal that is closed, or with the process that started this one.</summary>
internal static class Ending
{
    /// <summary>The exit code then, as shells have it.</summary>
    public const int ExitCode = 130;

    private const int Terminate = 15;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly CancellationTokenSource Source = new();
    private static readonly List<PosixSignalRegistration> Signals = [];

    /// <summary>Cancelled at that end. What has been made is removed as at any other.</summary>
    public static CancellationToken Token => Source.Token;

    /// <summary>Waits for it from now on.</summary>
    public static void Watch()
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
        {
            Signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Source.Cancel();
            }));
        }

        if (!OperatingSystem.IsWindows())
        {
            _ = WatchStarterAsync(GetParent());
        }
    }

    /// <summary>Asks a process to end, which then removes what it has made; where none can be asked, it is ended with what it has started.</summary>
    public static void Ask(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            process.Kill(entireProcessTree: true);
        }
        else
        {
            _ = Send(process.Id, Terminate);
        }
    }

    // `dotnet run` hands on a signal, but not that it was killed: the system gives the process another parent then.
    private static async Task WatchStarterAsync(int starter)
    {
        while (GetParent() == starter)
        {
            await Task.Delay(Look);
        }

        await Source.CancelAsync();
    }

    [DllImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetParent();

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Send(int process, int signal);
}

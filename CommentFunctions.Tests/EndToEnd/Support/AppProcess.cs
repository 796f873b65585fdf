using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CommentFunctions.Data;

namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>The app as a process of its own, on a folder of its own.</summary>
internal sealed partial class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly TaskCompletionSource<Uri> serving = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AppProcess(AppFolder folder, string[] arguments, (string Name, string Value)[] settings, string? shell = null)
    {
        string[] command = ["dotnet", Assembly, .. arguments];
        command = shell is null ? command : ["unshare", "--map-root-user", "--mount", "sh", "-c", shell + " && exec \"$@\"", "sh", .. command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["AzureWebJobsScriptRoot"] = folder.Path;
        // Tests call more often than people do.
        start.Environment["RequestLimits__PerSecondPerAddress"] = "0";
        start.Environment["RequestLimits__PerSecondPerConversation"] = "0";
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The app that is started: a published one where <c>COMMENTS_TEST_APP</c> is its path, else the one that was built with the tests.</summary>
    public static string Assembly { get; } =
        Environment.GetEnvironmentVariable("COMMENTS_TEST_APP") is { Length: > 0 } published ? published : typeof(Comment).Assembly.Location;

    /// <summary>Everything the process wrote so far.</summary>
    public string Output => string.Join('\n', output);

    public HttpClient Http { get; private set; } = new();

    /// <summary>Starts the app as a server and waits until it serves.</summary>
    public static Task<AppProcess> ServeAsync(AppFolder folder, params (string Name, string Value)[] settings) => ServeAsync(folder, settings, null);

    /// <summary>Starts the app as a server and waits until it serves.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="settings">Its environment.</param>
    /// <param name="shell">What a shell does before, as root of a namespace of mounts of its own.</param>
    public static async Task<AppProcess> ServeAsync(AppFolder folder, (string Name, string Value)[] settings, string? shell)
    {
        var app = new AppProcess(folder, ["--port", "0"], settings, shell);
        await app.ServingAsync();
        return app;
    }

    /// <summary>Waits until it serves, and gives <see cref="Http"/> its address.</summary>
    public async Task ServingAsync()
    {
        var exited = process.WaitForExitAsync();
        if (await Task.WhenAny(serving.Task, exited, Task.Delay(Patience)) != serving.Task)
        {
            throw new InvalidOperationException($"The app does not serve:\n{Output}");
        }

        Http = new HttpClient { BaseAddress = await serving.Task, Timeout = Patience };
    }

    /// <summary>Starts the app and waits for nothing.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="settings">Its environment.</param>
    /// <param name="shell">What a shell does before, as root of a namespace of mounts of its own.</param>
    public static AppProcess Start(AppFolder folder, string[] arguments, (string Name, string Value)[]? settings = null, string? shell = null) =>
        new(folder, arguments, settings ?? [], shell);

    /// <summary>Runs the app as a command to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(AppFolder folder, string[] arguments, params (string Name, string Value)[] settings)
    {
        await using var app = new AppProcess(folder, arguments, settings);
        return (await app.ExitAsync(), app.Output);
    }

    /// <summary>Ends the process at once, in the middle of whatever it does.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await ExitAsync();
    }

    /// <summary>Tells the process to stop, as systemd or Ctrl-C does, and waits for its exit code.</summary>
    public async Task<int> TerminateAsync(string signal = "TERM")
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return await ExitAsync();
    }

    /// <summary>Waits for the process's exit code.</summary>
    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    [GeneratedRegex("Serving on (http://[^ ,]+)")]
    private static partial Regex Serving();

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        output.Enqueue(line);
        if (Serving().Match(line) is { Success: true } match)
        {
            serving.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }
}

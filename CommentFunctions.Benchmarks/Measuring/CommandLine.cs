using System.Diagnostics;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>Runs other programs.</summary>
internal static class CommandLine
{
    /// <summary>Runs this program in a process of its own, which prints where this one does; an error of its own ends the benchmark.</summary>
    public static async Task RunItselfAsync(params string[] arguments)
    {
        using var process = Process.Start("dotnet", [typeof(CommandLine).Assembly.Location, .. arguments]);
        await using var ending = Ending.Token.Register(() => Ending.Ask(process));
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }

    /// <summary>What the program prints; an error of its own ends the benchmark, with what it said.</summary>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        // With what it has started: some programs, asked to end, leave that at work.
        await using var ending = Ending.Token.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output.Trim()
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}{await errors}");
    }
}

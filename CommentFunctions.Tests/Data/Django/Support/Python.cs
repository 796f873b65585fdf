using System.Diagnostics;

namespace CommentFunctions.Tests.Data.Django.Support;

/// <summary>Python, of those on the PATH the first one that has a module.</summary>
public static class Python
{
    /// <summary>The interpreter; null where none has the module.</summary>
    public static string? With(string module) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "python3"))
        .FirstOrDefault(python => File.Exists(python) && Has(python, module));

    private static bool Has(string python, string module)
    {
        using var process = Process.Start(new ProcessStartInfo(python, ["-c", $"import {module}"]) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}

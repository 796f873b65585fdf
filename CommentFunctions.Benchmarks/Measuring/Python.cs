using System.Diagnostics;
using System.Reflection;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>Finds a Python with what a script of this project needs.</summary>
internal static class Python
{
    /// <summary>The first python3 on the PATH that can import these modules; null where none can.</summary>
    public static string? Find(string modules) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(path => Path.Combine(path, "python3"))
        .FirstOrDefault(python => File.Exists(python) && Has(python, modules));

    /// <summary>Puts a script of this project into a folder.</summary>
    public static void CopyScript(string script, DirectoryInfo folder)
    {
        using var source = Assembly.GetExecutingAssembly().GetManifestResourceStream(script)!;
        using var target = File.Create(Path.Combine(folder.FullName, script));
        source.CopyTo(target);
    }

    private static bool Has(string python, string modules)
    {
        using var process = Process.Start(new ProcessStartInfo(python, ["-c", $"import {modules}"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

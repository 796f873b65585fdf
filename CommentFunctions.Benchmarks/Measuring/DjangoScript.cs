using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>Runs a script of this project with the Python that Debian's python3-django belongs to.</summary>
internal static class DjangoScript
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Whether Django is installed.</summary>
    public static bool IsInstalled { get; } = File.Exists(Python) && Run(["-c", "import django"]) is not null;

    /// <summary>Runs the script and returns the number it printed last.</summary>
    public static double Measure(string script, params string[] arguments)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Environment.ProcessId}-{script}");
        using (var source = Assembly.GetExecutingAssembly().GetManifestResourceStream(script)!)
        using (var target = File.Create(path))
        {
            source.CopyTo(target);
        }

        try
        {
            var output = Run([path, .. arguments]) ?? throw new InvalidOperationException($"{script} failed.");
            return double.Parse(output.Trim().Split('\n')[^1], CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string? Run(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : null;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace CommentFunctions.Benchmarks.Bot;

/// <summary>The script that asks through Django's ORM, with a Python that has Django and its driver for this database.</summary>
internal sealed class DjangoScript : IDisposable
{
    private const string Script = "latest_comment.py";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("bot-django-");
    private readonly string python;
    private readonly Dictionary<string, string> settings;

    private DjangoScript(string python, IBotDatabase database)
    {
        this.python = python;
        settings = new()
        {
            ["DJANGO_DATABASE"] = JsonSerializer.Serialize(database.Django),
            ["CUTOFF"] = BotData.Cutoff.ToString(CultureInfo.InvariantCulture),
        };
        using var script = typeof(DjangoScript).Assembly.GetManifestResourceStream(Script)!;
        using var file = File.Create(Path.Combine(folder.FullName, Script));
        script.CopyTo(file);
        File.WriteAllLines(Path.Combine(folder.FullName, "names"), BotData.Names);
    }

    /// <summary>The script on this database; null where no Python on the PATH has what it needs.</summary>
    public static DjangoScript? Find(IBotDatabase database) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(path => Path.Combine(path, "python3"))
        .FirstOrDefault(python => File.Exists(python) && Has(python, database.PythonModules)) is { } found ? new(found, database) : null;

    /// <summary>Seconds for all messages, and the hash of the replies.</summary>
    public async Task<(double Seconds, string Hash)> AnswerAllAsync()
    {
        using var printed = JsonDocument.Parse(await CommandLine.RunAsync(
            python, [Script, "answers", "names", BotData.WarmUp.ToString(CultureInfo.InvariantCulture)], folder.FullName, settings));
        return (printed.RootElement.GetProperty("seconds").GetDouble(), printed.RootElement.GetProperty("hash").GetString()!);
    }

    /// <summary>The reply of a process of its own.</summary>
    public Task<string> AnswerFirstAsync(string userName) => CommandLine.RunAsync(python, [Script, "first", userName], folder.FullName, settings);

    public void Dispose() => folder.Delete(recursive: true);

    private static bool Has(string python, string modules)
    {
        using var process = Process.Start(new ProcessStartInfo(python, ["-c", $"import {modules}"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

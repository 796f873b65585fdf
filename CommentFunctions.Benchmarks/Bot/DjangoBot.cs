using System.Globalization;
using System.Text.Json;
using CommentFunctions.Benchmarks.Measuring;

namespace CommentFunctions.Benchmarks.Bot;

/// <summary>The script that asks through Django's ORM, with a Python that has Django and its driver for this database.</summary>
internal sealed class DjangoBot : IDisposable
{
    private const string Script = "latest_comment.py";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("bot-django-");
    private readonly string python;
    private readonly Dictionary<string, string> settings;

    private DjangoBot(string python, IBotDatabase database)
    {
        this.python = python;
        settings = new()
        {
            ["DJANGO_DATABASE"] = JsonSerializer.Serialize(database.Django),
            ["CUTOFF"] = BotData.Cutoff.ToString(CultureInfo.InvariantCulture),
        };
        Python.CopyScript(Script, folder);
        File.WriteAllLines(Path.Combine(folder.FullName, "names"), BotData.Names);
    }

    /// <summary>The script on this database; null where no Python on the PATH has what it needs.</summary>
    public static DjangoBot? Find(IBotDatabase database) =>
        Python.Find(database.PythonModules) is { } python ? new(python, database) : null;

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
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Functions.LocalRuntime.Settings;

/// <summary>
/// The folder that holds host.json and local.settings.json: the one that <c>AzureWebJobsScriptRoot</c> names, else the nearest
/// with a host.json, from the app's own folder upward, as Core Tools look for it.
/// </summary>
public sealed class ScriptRoot
{
    private const string HostFile = "host.json";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    internal ScriptRoot(string path)
    {
        Path = path;
        HostJson = Read(HostFile);
        LocalSettings = Read("local.settings.json");
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>
    /// The folder for files that have to outlive a build: this one, or where it is a build's output, which Core Tools empty at each
    /// start, the nearest one with a host.json from the project's folder upward.
    /// </summary>
    public string LastingPath
    {
        get
        {
            for (var folder = new DirectoryInfo(Path); folder.Parent is { } project; folder = project)
            {
                if (folder.Name.Equals("bin", StringComparison.OrdinalIgnoreCase) && IsProject(project))
                {
                    return FindHostFile(project) ?? project.FullName;
                }
            }

            return Path;
        }
    }

    internal JsonObject HostJson { get; }

    /// <summary>Settings of the app, by name.</summary>
    internal IEnumerable<KeyValuePair<string, string?>> Values => Pairs(LocalSettings[nameof(Values)]);

    /// <summary>The log levels of host.json, as configuration keys.</summary>
    public IEnumerable<KeyValuePair<string, string?>> LogLevels => Pairs(HostJson["logging"]?["logLevel"], "Logging:LogLevel:");

    /// <summary>The port that local.settings.json names; 7071 where it names none.</summary>
    /// <exception cref="StartupException">It names something else.</exception>
    internal int Port => (LocalSettings["Host"] as JsonObject)?["LocalHttpPort"] switch
    {
        null => 7071,
        JsonValue value when value.TryGetValue<ushort>(out var port) => port,
        var other => throw new StartupException(
            $"local.settings.json: LocalHttpPort is {other.ToJsonString()}; it must be a number from 0 to {ushort.MaxValue}."),
    };

    private JsonObject LocalSettings { get; }

    /// <summary>The folder of this process's app.</summary>
    /// <exception cref="StartupException">host.json or local.settings.json cannot be read.</exception>
    public static ScriptRoot Find() => Environment.GetEnvironmentVariable("AzureWebJobsScriptRoot") is { Length: > 0 } named
        ? new(System.IO.Path.GetFullPath(named))
        : new(FindHostFile(new(AppContext.BaseDirectory)) ?? AppContext.BaseDirectory);

    private static string? FindHostFile(DirectoryInfo? folder)
    {
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, HostFile)))
        {
            folder = folder.Parent;
        }

        return folder?.FullName;
    }

    private static bool IsProject(DirectoryInfo folder) =>
        folder.EnumerateFiles("*.csproj", new EnumerationOptions { IgnoreInaccessible = true }).Any();

    private static IEnumerable<KeyValuePair<string, string?>> Pairs(JsonNode? node, string prefix = "") =>
        (node as JsonObject ?? []).Select(pair => KeyValuePair.Create(prefix + pair.Key, pair.Value?.ToString()));

    private JsonObject Read(string file)
    {
        var path = System.IO.Path.Combine(Path, file);
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            return JsonNode.Parse(File.ReadAllText(path), documentOptions: Lenient) as JsonObject
                ?? throw new StartupException($"{path} must hold a JSON object.");
        }
        catch (JsonException e)
        {
            throw new StartupException($"{path} is not valid JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be read: {e.Message}");
        }
    }
}

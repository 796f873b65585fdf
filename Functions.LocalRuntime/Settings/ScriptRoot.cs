using System.Text.Json;
using System.Text.Json.Nodes;

namespace Functions.LocalRuntime.Settings;

/// <summary>
/// The folder that holds host.json and local.settings.json: the one that <c>AzureWebJobsScriptRoot</c> names, else the nearest
/// with a host.json, from the app's own folder upward, as Core Tools look for it.
/// </summary>
internal sealed class ScriptRoot
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public ScriptRoot(string path)
    {
        Path = path;
        HostJson = Read("host.json");
        LocalSettings = Read("local.settings.json");
    }

    public string Path { get; }

    public JsonObject HostJson { get; }

    /// <summary>Settings of the app, by name.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Values => Pairs(LocalSettings[nameof(Values)]);

    /// <summary>The log levels of host.json, as configuration keys.</summary>
    public IEnumerable<KeyValuePair<string, string?>> LogLevels => Pairs(HostJson["logging"]?["logLevel"], "Logging:LogLevel:");

    /// <summary>The port that local.settings.json names; 7071 where it names none.</summary>
    /// <exception cref="StartupException">It names something else.</exception>
    public int Port => (LocalSettings["Host"] as JsonObject)?["LocalHttpPort"] switch
    {
        null => 7071,
        JsonValue value when value.TryGetValue<ushort>(out var port) => port,
        var other => throw new StartupException(
            $"local.settings.json: LocalHttpPort is {other.ToJsonString()}; it must be a number from 0 to {ushort.MaxValue}."),
    };

    private JsonObject LocalSettings { get; }

    public static ScriptRoot Find()
    {
        if (Environment.GetEnvironmentVariable("AzureWebJobsScriptRoot") is { Length: > 0 } named)
        {
            return new(System.IO.Path.GetFullPath(named));
        }

        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "host.json")))
        {
            folder = folder.Parent;
        }

        return new(folder?.FullName ?? AppContext.BaseDirectory);
    }

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

using System.Text.Json;
using System.Text.RegularExpressions;
using CommentFunctions.Queues;

namespace CommentFunctions.Tests.Infra;

/// <summary>What holds of infra/local/, the emulators and the settings for them.</summary>
internal static class LocalRules
{
    // Every installation of an emulator has these; they are in its documentation.
    private static readonly string[] PublishedKeys =
        ["SAS_KEY_VALUE", "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="];

    /// <summary>Whether what looks like a key is an emulator's, in a file that says so.</summary>
    public static bool IsPublished(string text, Match match) =>
        text.Contains("published by Microsoft", StringComparison.Ordinal)
        && PublishedKeys.Contains(Regex.Replace(match.Value, "^(SharedAccessKey|AccountKey)=", ""));

    /// <summary>The emulator has the app's queues, which drop repeats.</summary>
    public static IEnumerable<string> Queues(Infrastructure infra)
    {
        using var config = JsonDocument.Parse(infra.Files["local/servicebus.json"]);
        var queues = config.RootElement.GetProperty("UserConfig").GetProperty("Namespaces").EnumerateArray()
            .SelectMany(n => n.GetProperty("Queues").EnumerateArray())
            .ToDictionary(q => q.GetProperty("Name").GetString()!, q => q.GetProperty("Properties").GetProperty("RequiresDuplicateDetection").GetBoolean());
        return InfraRules.Differences("queue", QueueNames.All, queues.Keys)
            .Concat(queues.Where(q => !q.Value).Select(q => $"The queue {q.Key} does not drop repeats."));
    }

    /// <summary>Every setting for the emulators is one that Azure has too, or takes the place of an identity.</summary>
    public static IEnumerable<string> Settings(Infrastructure infra)
    {
        var given = Values(infra).Keys.Select(name => name.Replace(":", "__", StringComparison.Ordinal)).ToList();
        var known = SettingRules.Given(infra, "Cosmos").Keys.Concat(SettingRules.Given(infra, "Postgres").Keys)
            .Concat(["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", QueueNames.Connection])
            .ToHashSet();
        return given.Where(name => !known.Contains(name)).Select(name => $"The setting {name} is unknown.")
            .Concat(new[] { "AzureWebJobsStorage", QueueNames.Connection, "Comments__ConnectionString" }
                .Where(name => !given.Contains(name))
                .Select(name => $"The setting {name} is missing."));
    }

    /// <summary>The settings, as the Functions host reads them.</summary>
    public static Dictionary<string, string> Values(Infrastructure infra)
    {
        using var settings = JsonDocument.Parse(infra.Files["local/local.settings.json"]);
        return settings.RootElement.GetProperty("Values").Deserialize<Dictionary<string, string>>()!;
    }
}

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
        var namespaces = config.RootElement.GetProperty("UserConfig").GetProperty("Namespaces");
        var queues = namespaces.EnumerateArray()
            .SelectMany(n => n.GetProperty("Queues").EnumerateArray())
            .ToDictionary(q => q.GetProperty("Name").GetString()!, q => q.GetProperty("Properties").GetProperty("RequiresDuplicateDetection").GetBoolean());
        return
        [
            .. InfraRules.Differences("queue", QueueNames.All, queues.Keys),
            .. queues.Where(q => !q.Value).Select(q => $"The queue {q.Key} does not drop repeats."),
            .. namespaces.EnumerateArray()
                .Where(n => !n.TryGetProperty("Topics", out _))
                .Select(_ => "There is no list of topics, not even an empty one, which the emulator asks for."),
        ];
    }

    /// <summary>Every emulator is of a fixed version and is known to be ready by a check, its own or that of the service named after it.</summary>
    public static IEnumerable<string> Services(Infrastructure infra)
    {
        var services = Regex.Matches(infra.Files["local/compose.yaml"], @"^  (?<name>[\w-]+):\n(?<body>(?:(?:    .*)?\n)+)", RegexOptions.Multiline)
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["body"].Value);
        if (services.Count < 4)
        {
            yield return $"Of the emulators only {string.Join(", ", services.Keys)} are there.";
        }

        foreach (var (name, body) in services)
        {
            if (!Regex.IsMatch(body, @"^    image: [\w./-]+:(?!\S*latest)[\w.-]*\d[\w.-]*$", RegexOptions.Multiline))
            {
                yield return $"The image of {name} has no fixed version.";
            }

            if (!HasCheck(body) && !(services.TryGetValue(name + "-health", out var asks) && HasCheck(asks)))
            {
                yield return $"Nobody knows when {name} is ready.";
            }
        }

        static bool HasCheck(string body) => Regex.IsMatch(body, @"^    healthcheck:\n      test: \S", RegexOptions.Multiline);
    }

    /// <summary>What starts Azurite, in the container and by hand, lets it serve storage clients that are newer than itself.</summary>
    public static IEnumerable<string> Azurite(Infrastructure infra, string contributing) =>
        from line in infra.Files["local/compose.yaml"].Split('\n').Concat(contributing.Split('\n'))
        where Regex.IsMatch(line, @"(command: |npx )azurite ") && !line.Contains("--skipApiVersionCheck", StringComparison.Ordinal)
        select $"Azurite refuses newer clients: {line.Trim()}";

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

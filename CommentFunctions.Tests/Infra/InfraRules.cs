using System.Text.RegularExpressions;
using CommentFunctions.Queues;
using CommentFunctions.Telemetry;
using CommentFunctions.Tests.Infra.Bicep;

namespace CommentFunctions.Tests.Infra;

/// <summary>What holds of infra/. Each rule lists what breaks it; none where it is kept.</summary>
internal static partial class InfraRules
{
    public static IReadOnlyDictionary<string, Func<Infrastructure, IEnumerable<string>>> All { get; } =
        new Dictionary<string, Func<Infrastructure, IEnumerable<string>>>
        {
            [nameof(Queues)] = Queues,
            [nameof(ContainerRules.Containers)] = ContainerRules.Containers,
            [nameof(Grants)] = Grants,
            [nameof(Keys)] = Keys,
            [nameof(LocalSignIn)] = LocalSignIn,
            [nameof(Declarations)] = Declarations,
            [nameof(Metrics)] = Metrics,
            [nameof(SettingRules.Settings)] = SettingRules.Settings,
            [nameof(SettingRules.Channels)] = SettingRules.Channels,
            [nameof(SettingRules.Connections)] = SettingRules.Connections,
            [nameof(SettingRules.Parameters)] = SettingRules.Parameters,
            [nameof(SettingRules.Outputs)] = SettingRules.Outputs,
            [nameof(CostRules.Ceilings)] = CostRules.Ceilings,
            [nameof(CostRules.Pools)] = CostRules.Pools,
            [nameof(WatchRules.Availability)] = WatchRules.Availability,
            [nameof(WatchRules.Counting)] = WatchRules.Counting,
            [nameof(WatchRules.Masking)] = WatchRules.Masking,
            [nameof(NetworkRules.Closed)] = NetworkRules.Closed,
            [nameof(NetworkRules.Rights)] = NetworkRules.Rights,
        };

    /// <summary>The queues are those of the app, and treat messages as it expects.</summary>
    public static IEnumerable<string> Queues(Infrastructure infra)
    {
        var queues = infra.Resources().Where(r => r.Type == "Microsoft.ServiceBus/namespaces/queues").ToList();
        return Differences("queue", QueueNames.All, queues.Select(q => q.Name))
            .Concat(queues
                .Where(q => q.At("properties", "requiresDuplicateDetection") is not true
                    || q.At("properties", "deadLetteringOnMessageExpiration") is not true)
                .Select(q => $"The queue {q.Name} does not drop repeats, or loses messages that are too old."));
    }

    /// <summary>Every role is given to somebody, on something, under a name that follows from both.</summary>
    public static IEnumerable<string> Grants(Infrastructure infra) =>
        from grant in infra.Resources()
        where grant.Type.EndsWith("roleAssignments", StringComparison.OrdinalIgnoreCase)
        let isData = grant.Type.EndsWith("sqlRoleAssignments", StringComparison.Ordinal)
        let scope = isData ? grant.At("properties", "scope") : grant.At("scope")
        where IsMissing(grant.At("properties", "principalId"))
            || IsMissing(scope)
            || IsMissing(grant.At("properties", "roleDefinitionId"))
            || (!isData && IsMissing(grant.At("properties", "principalType")))
            || !grant.Name.StartsWith("<guid(", StringComparison.Ordinal)
        select $"{grant.Place} lacks a principal, its type, a scope, a role, or a name made by guid().";

    /// <summary>No key is read, and no secret written down.</summary>
    public static IEnumerable<string> Keys(Infrastructure infra) =>
        from file in infra.Files
        from Match match in Secret().Matches(file.Value)
        where !(file.Key.StartsWith("local/", StringComparison.Ordinal) && LocalRules.IsPublished(file.Value, match))
        select $"{file.Key} has '{match.Value}'.";

    /// <summary>Each service takes identities alone.</summary>
    public static IEnumerable<string> LocalSignIn(Infrastructure infra)
    {
        (string Type, string[] Path, object Value)[] wanted =
        [
            ("Microsoft.Storage/storageAccounts", ["properties", "allowSharedKeyAccess"], false),
            ("Microsoft.ServiceBus/namespaces", ["properties", "disableLocalAuth"], true),
            ("Microsoft.DocumentDB/databaseAccounts", ["properties", "disableLocalAuth"], true),
            ("Microsoft.Insights/components", ["properties", "DisableLocalAuth"], true),
            ("Microsoft.KeyVault/vaults", ["properties", "enableRbacAuthorization"], true),
            ("Microsoft.DBforPostgreSQL/flexibleServers", ["properties", "authConfig", "passwordAuth"], "Disabled"),
            ("Microsoft.OperationalInsights/workspaces", ["properties", "features", "disableLocalAuth"], true),
            ("Microsoft.Web/sites/basicPublishingCredentialsPolicies", ["properties", "allow"], false),
        ];
        var resources = infra.Resources().ToList();
        foreach (var (type, path, value) in wanted)
        {
            var found = resources.Where(r => r.Type == type).ToList();
            if (found.Count == 0)
            {
                yield return $"There is no {type}.";
            }

            foreach (var resource in found.Where(r => !Equals(r.At(path), value)))
            {
                yield return $"{resource.Place}: {string.Join('.', path)} is not {value}.";
            }
        }
    }

    /// <summary>Every parameter and variable is used, and every parameter says what it is.</summary>
    public static IEnumerable<string> Declarations(Infrastructure infra) =>
        from file in infra.BicepFiles
        let statements = BicepParser.Parse(file.Value)
        let used = statements.SelectMany(s => s.Value?.Names() ?? []).ToHashSet()
        from statement in statements
        where statement.Keyword is "param" or "var"
        where !used.Contains(statement.Name)
            || (statement.Keyword == "param" && statement.Decorators.All(d => d.Function != "description"))
        select $"{file.Key}: {statement.Name} is not used, or has no description.";

    /// <summary>The workbook and the alerts ask for the metrics that the workbook names, which are the app's.</summary>
    public static IEnumerable<string> Metrics(Infrastructure infra)
    {
        var asked = infra.Files.SelectMany(f => MetricQuery().Matches(f.Value)).Select(m => m.Groups[1].Value).Distinct();
        var named = MetricName().Matches(infra.Files["workbook.json"]).Select(m => m.Groups[1].Value);
        return Differences("metric in a query", TelemetryNames.Metrics, asked).Concat(Differences("metric in the workbook's text", TelemetryNames.Metrics, named));
    }

    /// <summary>What is missing on either side.</summary>
    public static IEnumerable<string> Differences(string what, IEnumerable<string> wanted, IEnumerable<string> found)
    {
        var (left, right) = (wanted.ToHashSet(StringComparer.Ordinal), found.ToHashSet(StringComparer.Ordinal));
        return left.Except(right).Select(name => $"The {what} {name} is missing.")
            .Concat(right.Except(left).Select(name => $"The {what} {name} is unknown to the app."));
    }

    private static bool IsMissing(object? value) => value is null or "";

    // Functions that return keys; parts of connection strings that are keys; and what looks like one: a long run of base64.
    [GeneratedRegex(
        @"\blist[A-Z]\w*\(|(?:Password|Pwd|AccountKey|SharedAccessKey|InstrumentationKey)['""]?\s*[:=]\s*['""]?[^\s;'""${?}-][^\s;'""]*|\b(?=[A-Za-z+/]*\d)[A-Za-z0-9+/]{40,}={0,2}",
        RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\bName == '([a-z.]+)'")]
    private static partial Regex MetricQuery();

    [GeneratedRegex(@"`([a-z]+(?:\.[a-z]+)+)`")]
    private static partial Regex MetricName();
}

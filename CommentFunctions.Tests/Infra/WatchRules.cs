using System.Text.Json;
using System.Text.RegularExpressions;
using CommentFunctions.Data;
using CommentFunctions.Health;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Infra.Bicep;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests.Infra;

/// <summary>What holds of the alerts, and of what is kept of the host's telemetry.</summary>
internal static partial class WatchRules
{
    // The tables that requests, what they call and their logs are kept in.
    private static readonly string[] Masked = ["AppRequests", "AppDependencies", "AppTraces", "AppExceptions"];

    // What may be called in a transformation, beside the rule's own function.
    private static readonly string[] Allowed = ["mask", "iif", "strcat", "extract", "tostring", "parse_json"];

    /// <summary>The app is called from several places; and the alert of deletions goes by what health says of the run records.</summary>
    public static IEnumerable<string> Availability(Infrastructure infra)
    {
        var resources = infra.Deploy("Cosmos").Resources().ToList();
        var health = resources.Single(r => r is { Type: "Microsoft.Insights/webtests", Symbol: "health" });
        var places = List(health.At("properties", "Locations")).Select(place => $"{Of(place, "Id")}").Distinct().Count();
        if (places < 3 || Criteria(resources, "health.id")?.GetValueOrDefault("failedLocationCount") is not 2L)
        {
            yield return "One place alone decides whether the app is healthy.";
        }

        var validation = resources.Single(r => r is { Type: "Microsoft.Insights/webtests", Symbol: "expiry" }).At("properties", "ValidationRules");
        var content = Of(validation, "ContentValidation");
        if (Of(validation, "IgnoreHttpStatusCode") is not true
            || Of(content, "PassIfTextFound") is not false
            || Criteria(resources, "expiry.id") is null
            || !Health(overdue: true).Contains($"{Of(content, "ContentMatch")}", StringComparison.Ordinal)
            || new bool?[] { false, null }.Any(overdue => Health(overdue).Contains($"{Of(content, "ContentMatch")}", StringComparison.Ordinal)))
        {
            yield return "The alert of deletions does not see what health says of them.";
        }
    }

    /// <summary>A query that counts rows counts what each of them stands for, whatever share of them is kept.</summary>
    public static IEnumerable<string> Counting(Infrastructure infra)
    {
        var alerts = from rule in infra.Deploy("Cosmos").Resources()
                     where rule.Type == "Microsoft.Insights/scheduledQueryRules"
                     from condition in List(rule.At("properties", "criteria", "allOf"))
                     let query = $"{Of(condition, "query")}"
                     where query.Contains("AppRequests", StringComparison.Ordinal)
                     let column = $"{Of(condition, "metricMeasureColumn")}"
                     where Of(condition, "timeAggregation") is not "Total" || column.Length == 0 || !query.Contains($"{column} = ItemCount", StringComparison.Ordinal)
                     select rule.Place;
        return alerts.Concat(infra.Files.Where(f => f.Value.Contains("count()", StringComparison.Ordinal)).Select(f => f.Key)).Select(place => $"{place} counts rows.");
    }

    /// <summary>No name of a user or a conversation in an address is kept.</summary>
    public static IEnumerable<string> Masking(Infrastructure infra)
    {
        var resources = infra.Deploy("Cosmos").Resources().ToList();
        var rule = resources.Single(r => r.Type == "Microsoft.Insights/dataCollectionRules");
        var flows = List(rule.At("properties", "dataFlows")).Select(flow => (Stream: $"{List(Of(flow, "streams")).Single()}", Query: $"{Of(flow, "transformKql")}")).ToList();
        foreach (var difference in InfraRules.Differences("masked table", Masked.Select(table => $"Microsoft-Table-{table}"), flows.Select(f => f.Stream)))
        {
            yield return difference;
        }

        if (resources.Where(r => r.Type == "Microsoft.OperationalInsights/workspaces").All(r => r.At("properties", "defaultDataCollectionRuleResourceId") is null))
        {
            yield return "The workspace does not use the rule.";
        }

        foreach (var (stream, query) in flows)
        {
            if (query.Contains('\n', StringComparison.Ordinal) || FunctionCall().Matches(WithoutTexts(query)).Any(call => !Allowed.Contains(call.Groups[1].Value)))
            {
                yield return $"{stream} is changed by a query that is not one line, or uses what transformations do not have.";
            }

            var mask = Mask(query);
            foreach (var seen in Addresses().SelectMany(address => new[] { address, $"GET {address}", $"https://host{address}?limit=3", $"{{\"url.path\":\"{address}\"}}" }))
            {
                if (mask(seen) != seen.Replace("somebody", "{hidden}", StringComparison.Ordinal))
                {
                    yield return $"{stream} keeps '{mask(seen)}' of '{seen}'.";
                }
            }
        }
    }

    /// <summary>The function that a query masks by: it is made of three expressions, whether, what stands before and what behind.</summary>
    public static Func<string, string> Mask(string query)
    {
        var parts = VerbatimText().Matches(query).Select(m => m.Groups[1].Value).ToList();
        var hidden = PlainText().Match(VerbatimText().Replace(query, "")).Groups[1].Value;
        return text => Regex.IsMatch(text, parts[0])
            ? Regex.Match(text, parts[1]).Groups[1].Value + hidden + Regex.Match(text, parts[2]).Groups[2].Value
            : text;
    }

    // Every address of the app that names somebody.
    private static IEnumerable<string> Addresses() =>
        from type in typeof(CommentOptions).Assembly.GetTypes()
        from method in type.GetMethods()
        from parameter in method.GetParameters()
        from trigger in parameter.GetCustomAttributes(false).OfType<HttpTriggerAttribute>()
        let route = trigger.Route ?? ""
        where NameInRoute().IsMatch(route)
        select "/api/" + NameInRoute().Replace(route, "somebody");

    private static string Health(bool? overdue) => JsonSerializer.Serialize(
        new HealthReport(HealthState.Degraded, [], new("Sqlite", "Own", true, true), new Dictionary<string, QueueDepth?>(), TimeSpan.FromDays(1), null, null, overdue, []), ApiJson.Writing);

    private static IReadOnlyDictionary<string, object?>? Criteria(IEnumerable<DeployedResource> resources, string test) => resources
        .Where(r => r.Type == "Microsoft.Insights/metricAlerts")
        .Select(r => r.At("properties", "criteria") as IReadOnlyDictionary<string, object?>)
        .SingleOrDefault(criteria => $"{criteria?.GetValueOrDefault("webTestId")}" == $"<{test}>");

    private static string WithoutTexts(string query) => PlainText().Replace(VerbatimText().Replace(query, ""), "");

    private static IReadOnlyList<object?> List(object? value) => value as IReadOnlyList<object?> ?? [];

    private static object? Of(object? value, string name) => (value as IReadOnlyDictionary<string, object?>)?.GetValueOrDefault(name);

    [GeneratedRegex(@"@'([^']*)'")]
    private static partial Regex VerbatimText();

    [GeneratedRegex(@"(?<!@)'([^']*)'")]
    private static partial Regex PlainText();

    [GeneratedRegex(@"\b(\w+)\s*\((?!text: string)")]
    private static partial Regex FunctionCall();

    [GeneratedRegex(@"\{(userName|conversation)\}")]
    private static partial Regex NameInRoute();
}

using System.Globalization;
using CommentFunctions.Data.Cosmos;
using CommentFunctions.Tests.Infra.Bicep;

namespace CommentFunctions.Tests.Infra;

/// <summary>The containers that infra/ makes are those that the app makes and looks for.</summary>
internal static class ContainerRules
{
    /// <summary>Each container is what the app's policy says, whatever the retention is.</summary>
    public static IEnumerable<string> Containers(Infrastructure infra)
    {
        foreach (var hours in new long[] { 1, 24, 25, 87_600 })
        {
            var made = infra.Deploy("Cosmos", ("retentionHours", hours)).Resources()
                .Where(r => r.Type.EndsWith("/sqlDatabases/containers", StringComparison.Ordinal))
                .Select(Describe);
            var wanted = ContainerPolicy.All(TimeSpan.FromHours(hours), ContainerPolicy.UsualSlack).Select(Describe);
            foreach (var difference in InfraRules.Differences($"container (with a retention of {hours} h)", wanted, made))
            {
                yield return difference;
            }
        }
    }

    private static string Describe(ContainerPolicy policy) => string.Create(
        CultureInfo.InvariantCulture,
        $"{policy.Name} by /{policy.PartitionKey}, {policy.TimeToLive} s, with {Set(policy.Indexed.Select(p => $"/{p}/?"))}, without {Set(["/*", "/\"_etag\"/?"])}, "
        + $"sorted by {(policy.SortedBy is { } sorted ? $"/{sorted} descending, /id descending" : "")}");

    private static string Describe(DeployedResource container)
    {
        var indexing = container.At("properties", "resource", "indexingPolicy");
        return $"{container.At("properties", "resource", "id")} by {Set(List(container.At("properties", "resource", "partitionKey", "paths")).Select(p => $"{p}"))}, "
            + $"{container.At("properties", "resource", "defaultTtl")} s, with {Set(Paths(indexing, "includedPaths"))}, without {Set(Paths(indexing, "excludedPaths"))}, "
            + $"sorted by {string.Join("; ", List(Of(indexing, "compositeIndexes")).Select(index => string.Join(", ", List(index).Select(p => $"{Of(p, "path")} {Of(p, "order")}"))))}";
    }

    private static IEnumerable<string> Paths(object? indexing, string name) => List(Of(indexing, name)).Select(p => $"{Of(p, "path")}");

    private static string Set(IEnumerable<string> items) => string.Join(' ', items.Order(StringComparer.Ordinal));

    private static IReadOnlyList<object?> List(object? value) => value as IReadOnlyList<object?> ?? [];

    private static object? Of(object? value, string name) => (value as IReadOnlyDictionary<string, object?>)?.GetValueOrDefault(name);
}

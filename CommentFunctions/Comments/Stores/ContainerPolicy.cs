using System.Text.Json;

namespace CommentFunctions.Comments.Stores;

/// <summary>What a container of Cosmos DB has to be like for a kind of record. infra/ makes the same.</summary>
/// <param name="Name">Its name.</param>
/// <param name="PartitionKey">The property of its items that is the partition key.</param>
/// <param name="Kept">How long its items are kept at the least; null for ever.</param>
/// <param name="Slack">How much longer the container keeps them before they vanish by themselves.</param>
/// <param name="Indexed">The properties that are indexed; no others are, which makes writes cheaper.</param>
/// <param name="SortedBy">The property by which queries sort, descending, then by id: such an order takes a composite index; null for none.</param>
public sealed record ContainerPolicy(
    string Name, string PartitionKey, TimeSpan? Kept, TimeSpan Slack, IReadOnlyList<string> Indexed, string? SortedBy)
{
    /// <summary>The partition key of records that are all in one partition, and its value.</summary>
    public const string OnePartition = "partition";

    /// <summary>The id of an item, by which queries sort last.</summary>
    public const string Id = "id";

    /// <summary>Seconds after an item's last write at which it vanishes; -1 for never.</summary>
    public int TimeToLive => Kept is { } kept ? (int)(kept + Slack).TotalSeconds : -1;

    /// <summary>
    /// The job's rule is the time in the item. The time to live only catches what no run came for; it counts from an item's last
    /// write, and a day more keeps it from deleting, uncounted, what the next run is about to delete.
    /// </summary>
    public static readonly TimeSpan UsualSlack = TimeSpan.FromDays(1);

    /// <summary>The slack where the time to live itself is to delete.</summary>
    public static readonly TimeSpan ShortSlack = TimeSpan.FromHours(1);

    /// <summary>The slack, by whether the time to live itself is to delete.</summary>
    public static TimeSpan SlackOf(bool isDeleter) => isDeleter ? ShortSlack : UsualSlack;

    /// <summary>The containers of all kinds of records under this retention.</summary>
    public static IReadOnlyList<ContainerPolicy> All(TimeSpan retention, TimeSpan slack) => [.. RecordKinds.All.Select(kind => Of(kind, retention, slack))];

    /// <summary>The container of a kind of record.</summary>
    public static ContainerPolicy Of(RecordKind kind, TimeSpan retention, TimeSpan slack)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var partitionKey = kind.PartitionKey is { } property ? JsonName(property) : OnePartition;
        var indexed = new[] { kind.PartitionKey, kind.Time, kind.SortedBy }.OfType<string>().Concat(kind.AlsoAskedFor)
            .Select(JsonName).Where(name => name != Id).Distinct();
        return new(kind.Container, partitionKey, kind.Lifetime(retention), slack, [.. indexed], kind.SortedBy is { } sorted ? JsonName(sorted) : null);
    }

    /// <summary>A property's name in items.</summary>
    public static string JsonName(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);
}

using System.Linq.Expressions;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Data;

/// <summary>
/// The kinds of records that the app keeps, each declared once: the indexes of tables, the containers of Cosmos DB and the deletion of what
/// is too old follow from here.
/// </summary>
public static class RecordKinds
{
    /// <summary>The users; they stay.</summary>
    public static RecordKind Users { get; } = new RecordKind<User>("users", nameof(User.UserName));

    /// <summary>The comments. On an existing site's schema its own table takes their place.</summary>
    public static RecordKind Comments { get; } = new RecordKind<Comment>("comments", nameof(Comment.UserName), comment => comment.CreatedAt)
    {
        FollowsRetention = true,
        SortedBy = nameof(Comment.CreatedAt),
    };

    /// <summary>Exchanges with the bot on the web; one that quotes a comment goes with it.</summary>
    public static RecordKind Exchanges { get; } = new RecordKind<ConversationExchange>("conversations", nameof(ConversationExchange.Conversation), turn => turn.KeptSince)
    {
        FollowsRetention = true,
        SortedBy = nameof(ConversationExchange.ReceivedAt),
    };

    /// <summary>Records of delivered replies. A queue gives a message up after a day; until then a repeat has to be known.</summary>
    public static RecordKind Deliveries { get; } = new RecordKind<DeliveredReply>("deliveries", nameof(DeliveredReply.Id), reply => reply.DeliveredAt)
    {
        FollowsRetention = true,
        KeptAtLeast = TimeSpan.FromDays(1),
    };

    /// <summary>Records of runs of the expiry job.</summary>
    public static RecordKind Runs { get; } = new RecordKind<ExpiryRun>("runs", null, run => run.StartedAt)
    {
        KeptAtLeast = TimeSpan.FromDays(30),
        SortedBy = nameof(ExpiryRun.StartedAt),
        AlsoAskedFor = [nameof(ExpiryRun.Outcome), nameof(ExpiryRun.DryRun), nameof(ExpiryRun.OlderThan)],
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RecordKind> All { get; } = [Users, Comments, Exchanges, Deliveries, Runs];

    /// <summary>What a run of the expiry job deletes besides comments.</summary>
    public static IReadOnlyList<RecordKind> Related { get; } = [Exchanges, Deliveries, Runs];
}

/// <summary>A kind of record: how long it is kept, and how it is found.</summary>
/// <param name="container">Its container in Cosmos DB.</param>
/// <param name="partitionKey">The property that is the partition key there; null where all are in one partition.</param>
/// <param name="time">The property that says from when on a record counts as old; null where records stay.</param>
public abstract class RecordKind(string container, string? partitionKey, string? time)
{
    /// <summary>The type of the records.</summary>
    public abstract Type Type { get; }

    /// <summary>The container in Cosmos DB.</summary>
    public string Container => container;

    /// <summary>The property that is the partition key there; null where all records are in one partition.</summary>
    public string? PartitionKey => partitionKey;

    /// <summary>The property that says from when on a record counts as old; null where records stay.</summary>
    public string? Time => time;

    /// <summary>Whether records are as old as comments become.</summary>
    public bool FollowsRetention { get; init; }

    /// <summary>How long they are kept at the least, whatever the retention is.</summary>
    public TimeSpan KeptAtLeast { get; init; }

    /// <summary>The property by which they are listed within a partition, newest first and then by id; null where they are not listed.</summary>
    public string? SortedBy { get; init; }

    /// <summary>Other properties that queries ask for.</summary>
    public IReadOnlyList<string> AlsoAskedFor { get; init; } = [];

    /// <summary>How long a record is kept under this retention; null for ever.</summary>
    public TimeSpan? Lifetime(TimeSpan retention) => time is null ? null : FollowsRetention && retention > KeptAtLeast ? retention : KeptAtLeast;

    /// <summary>A run deletes the records of this time and earlier.</summary>
    /// <param name="comments">Up to when it deletes comments.</param>
    /// <param name="start">When it began.</param>
    public DateTimeOffset Cutoff(DateTimeOffset comments, DateTimeOffset start) =>
        FollowsRetention && comments < start - KeptAtLeast ? comments : start - KeptAtLeast;

    /// <summary>Deletes the records of the cutoff and earlier range by range, and yields how many each range had (relational stores).</summary>
    public abstract IAsyncEnumerable<int> DeleteInRangesAsync(
        CommentDbContext db, DateTimeOffset cutoff, IDeletionBatches pace, CancellationToken cancellationToken);
}

/// <summary>A kind of record.</summary>
internal sealed class RecordKind<T>(string container, string? partitionKey, Expression<Func<T, DateTimeOffset>>? time = null)
    : RecordKind(container, partitionKey, (time?.Body as MemberExpression)?.Member.Name)
    where T : class
{
    public override Type Type => typeof(T);

    public override IAsyncEnumerable<int> DeleteInRangesAsync(
        CommentDbContext db, DateTimeOffset cutoff, IDeletionBatches pace, CancellationToken cancellationToken) =>
        RangedDeletion.ByTimeAsync(db.Set<T>(), time!, cutoff, pace, cancellationToken);
}

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
        var partitionKey = kind.PartitionKey is { } property ? JsonName(property) : OnePartition;
        var indexed = new[] { kind.PartitionKey, kind.Time, kind.SortedBy }.OfType<string>().Concat(kind.AlsoAskedFor)
            .Select(JsonName).Where(name => name != Id).Distinct();
        return new(kind.Container, partitionKey, kind.Lifetime(retention), slack, [.. indexed], kind.SortedBy is { } sorted ? JsonName(sorted) : null);
    }

    /// <summary>A property's name in items.</summary>
    public static string JsonName(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);
}

using System.Linq.Expressions;
using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Expiry;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Comments.Stores;

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
    public static RecordKind Turns { get; } = new RecordKind<ConversationTurn>("conversations", nameof(ConversationTurn.Conversation), turn => turn.KeptSince)
    {
        FollowsRetention = true,
        SortedBy = nameof(ConversationTurn.ReceivedAt),
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
    public static IReadOnlyList<RecordKind> All { get; } = [Users, Comments, Turns, Deliveries, Runs];

    /// <summary>What a run of the expiry job deletes besides comments.</summary>
    public static IReadOnlyList<RecordKind> Traces { get; } = [Turns, Deliveries, Runs];
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
        CommentDbContext db, DateTimeOffset cutoff, IDeletionPace pace, CancellationToken cancellationToken);
}

/// <summary>A kind of record.</summary>
internal sealed class RecordKind<T>(string container, string? partitionKey, Expression<Func<T, DateTimeOffset>>? time = null)
    : RecordKind(container, partitionKey, (time?.Body as MemberExpression)?.Member.Name)
    where T : class
{
    public override Type Type => typeof(T);

    public override IAsyncEnumerable<int> DeleteInRangesAsync(
        CommentDbContext db, DateTimeOffset cutoff, IDeletionPace pace, CancellationToken cancellationToken) =>
        RangedDeletion.ByTimeAsync(db.Set<T>(), time!, cutoff, pace, cancellationToken);
}

using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Data;

/// <summary>
/// The kinds of records that the app keeps, each declared once: the model, tables with their indexes, the containers of Cosmos DB and the
/// deletion of what is too old follow from here.
/// </summary>
public static class RecordKinds
{
    /// <summary>The users; they stay.</summary>
    public static RecordKind Users { get; } = new RecordKind<User>("Users", "users", nameof(User.UserName));

    /// <summary>The comments. On an existing site's schema its own table takes their place (<see cref="CommentSchema.Resolve"/>).</summary>
    public static RecordKind Comments { get; } = new RecordKind<Comment>(
        "Comments", "comments", nameof(Comment.UserName), comment => comment.CreatedAt)
    {
        FollowsRetention = true,
        SortedBy = nameof(Comment.CreatedAt),
    };

    /// <summary>Records of runs of the expiry job.</summary>
    public static RecordKind Runs { get; } = new RecordKind<ExpiryRun>("ExpiryRuns", "runs", null, run => run.StartedAt)
    {
        KeptAtLeast = TimeSpan.FromDays(30),
        SortedBy = nameof(ExpiryRun.StartedAt),
        AlsoAskedFor = [nameof(ExpiryRun.Outcome), nameof(ExpiryRun.DryRun), nameof(ExpiryRun.OlderThan)],
    };

    /// <summary>Conversations on the web. An exchange that quotes a comment goes with it. Existing databases have the table's name.</summary>
    public static RecordKind Exchanges { get; } = new RecordKind<ConversationExchange>(
        "ConversationTurns", "conversations", nameof(ConversationExchange.Conversation), exchange => exchange.KeptSince)
    {
        FollowsRetention = true,
        SortedBy = nameof(ConversationExchange.ReceivedAt),
    };

    /// <summary>What a run of the expiry job deletes besides comments.</summary>
    public static IReadOnlyList<RecordKind> Related { get; } =
    [
        Exchanges,

        // A queue gives a message up after a day; until then a repeat has to be known. Of several attempts that take over the claim of
        // one that died, one finds it as it was.
        new RecordKind<DeliveredReply>("DeliveredReplies", "deliveries", nameof(DeliveredReply.Id), reply => reply.DeliveredAt)
        {
            FollowsRetention = true,
            KeptAtLeast = TimeSpan.FromDays(1),
            ConcurrencyToken = nameof(DeliveredReply.DeliveredAt),
        },
        Runs,
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RecordKind> All { get; } = [Users, Comments, .. Related];

    /// <summary>The comments of one user.</summary>
    public static RecordKind CommentsOf(string userName) => Comments.Where(new(nameof(Comment.UserName), userName));

    /// <summary>The exchanges on the web that quote a comment of this user.</summary>
    public static RecordKind ExchangesQuoting(string userName) =>
        Exchanges.Where(new(nameof(ConversationExchange.ReplyText), ConversationExchange.QuoteOf(userName), IsPrefix: true));
}

/// <summary>A kind of record: where it is kept, how long, and how it is found.</summary>
/// <param name="table">Its table; an existing site's schema has it under a name of its own.</param>
/// <param name="container">Its container in Cosmos DB.</param>
/// <param name="partitionKey">The property that is the partition key there; null where all are in one partition.</param>
/// <param name="time">The property that says from when on a record counts as old; null where records stay.</param>
public abstract class RecordKind(string table, string container, string? partitionKey, string? time)
{
    /// <summary>The type of the records.</summary>
    public abstract Type Type { get; }

    /// <summary>The table, in a schema of the app's own.</summary>
    public string Table => table;

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

    /// <summary>The property that changes with each write, so that of several writers at once one succeeds; null where the last one does.</summary>
    public string? ConcurrencyToken { get; init; }

    /// <summary>Which of the records it is about; null for all.</summary>
    public RecordFilter? Filter { get; private set; }

    /// <summary>Those of the records that the filter names.</summary>
    public RecordKind Where(RecordFilter filter)
    {
        var some = (RecordKind)MemberwiseClone();
        some.Filter = filter;
        return some;
    }

    /// <summary>How long a record is kept under this retention; null for ever.</summary>
    public TimeSpan? Lifetime(TimeSpan retention) => time is null ? null : FollowsRetention && retention > KeptAtLeast ? retention : KeptAtLeast;

    /// <summary>A run deletes the records of this time and earlier.</summary>
    /// <param name="comments">Up to when it deletes comments.</param>
    /// <param name="start">When it began.</param>
    public DateTimeOffset Cutoff(DateTimeOffset comments, DateTimeOffset start) =>
        FollowsRetention && comments < start - KeptAtLeast ? comments : start - KeptAtLeast;

    /// <summary>
    /// Whether the schema's own way alone deletes the records: rows of tables that only it knows go with them, or some stay, however old.
    /// </summary>
    public virtual bool HasOwnDeletion => false;

    /// <summary>How many records are of the cutoff and earlier.</summary>
    internal abstract Task<long> CountAsync(CommentDbContext db, DateTimeOffset cutoff, CancellationToken cancellationToken);

    /// <summary>Deletes the records of the cutoff and earlier range by range, and yields how many each range had (relational stores).</summary>
    internal abstract IAsyncEnumerable<int> DeleteInRangesAsync(
        CommentDbContext db, DateTimeOffset cutoff, IDeletionBatches batches, CancellationToken cancellationToken);
}

/// <summary>Some records of a kind: those whose property, a text, is the value, or begins with it.</summary>
/// <param name="Property">The property. Without a prefix it is the partition key, which an index begins with.</param>
/// <param name="Value">The value, told apart by case.</param>
/// <param name="IsPrefix">Whether it is the text's beginning.</param>
public sealed record RecordFilter(string Property, string Value, bool IsPrefix = false);

/// <summary>A kind of record, with the time of a record as queries ask for it.</summary>
internal class RecordKind<T>(
    string table, string container, string? partitionKey, Expression<Func<T, DateTimeOffset>>? time = null, string? timeProperty = null)
    : RecordKind(table, container, partitionKey, timeProperty ?? (time?.Body as MemberExpression)?.Member.Name)
    where T : class
{
    public override Type Type => typeof(T);

    internal override Task<long> CountAsync(CommentDbContext db, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        Rows(db).UpTo(time!, cutoff).LongCountAsync(cancellationToken);

    internal override IAsyncEnumerable<int> DeleteInRangesAsync(
        CommentDbContext db, DateTimeOffset cutoff, IDeletionBatches batches, CancellationToken cancellationToken) =>
        Filter is { IsPrefix: true }
            ? BatchedDeletion.ByIdAsync(Rows(db).UpTo(time!, cutoff), batches, cancellationToken)
            : BatchedDeletion.ByTimeAsync(Rows(db), time!, cutoff, batches, cancellationToken);

    /// <summary>The records that are deleted once they are old.</summary>
    private protected virtual IQueryable<T> Rows(CommentDbContext db) => Filter switch
    {
        null => db.Set<T>(),
        // Not by StartsWith, which SQLite has for any case.
        { IsPrefix: true } => db.Set<T>().Where(row => EF.Property<string>(row, Filter.Property).Substring(0, Filter.Value.Length) == Filter.Value),
        _ => db.Set<T>().Where(row => EF.Property<string>(row, Filter.Property) == Filter.Value),
    };
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Data.Django;

/// <summary>The site's tables as its ORM makes them, and the app's own records beside them, under names that no site has.</summary>
internal static class DjangoModel
{
    /// <summary>What the names of the app's own tables begin with.</summary>
    public const string Prefix = "commentfunctions_";

    /// <summary>Whether rows of this type are the site's.</summary>
    public static bool IsSites(Type rows) => rows == typeof(DjangoUser) || rows == typeof(DjangoComment);

    /// <param name="modelBuilder">Takes it.</param>
    /// <param name="dialect">How the store's database keeps keys and times.</param>
    /// <param name="names">The names of tables and columns.</param>
    /// <param name="shape">What the columns are.</param>
    /// <param name="conditions">Which comments are shown.</param>
    /// <param name="site">What times without a zone mean.</param>
    public static void Configure(ModelBuilder modelBuilder, SiteDialect dialect, DjangoOptions names, SiteShape shape, SiteConditions conditions, SiteTime site)
    {
        SiteMoments.Map(modelBuilder, dialect);
        modelBuilder.Ignore<Comment>();
        modelBuilder.Ignore<User>();
        modelBuilder.Entity<DjangoUser>(user =>
        {
            user.ToTable(names.UserTable, t => t.ExcludeFromMigrations());
            MapKey(user.Property(u => u.Id).HasColumnName(names.UserKey), shape.UserKey, dialect);
            user.Property(u => u.UserName).HasColumnName(names.UserName);
        });
        modelBuilder.Entity<DjangoComment>(comment =>
        {
            comment.ToTable(names.Table, t => t.ExcludeFromMigrations());
            MapKey(comment.Property(c => c.Id).HasColumnName(names.Key), shape.Key, dialect);
            MapKey(comment.Property(c => c.UserId).HasColumnName(names.User), shape.UserKey, dialect);
            comment.Property(c => c.Text).HasColumnName(names.Text);
            conditions.Map(comment);
            dialect.MapTime(comment.Property(c => c.Timestamp).HasColumnName(names.Time), shape.TimeHasZone, site);
        });
        foreach (var own in modelBuilder.Model.GetEntityTypes().Where(type => !IsSites(type.ClrType)))
        {
            own.SetTableName(Prefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(own.GetTableName()!));
        }
    }

    private static void MapKey(PropertyBuilder<Guid> key, SiteKey kind, SiteDialect dialect)
    {
        if (kind == SiteKey.Number)
        {
            key.HasConversion(new ValueConverter<Guid, long>(id => DjangoIds.ToKey(id), stored => DjangoIds.ToGuid(stored)));
        }
        else
        {
            dialect.MapUuid(key);
        }
    }
}

/// <summary>A row of the site's users, as far as the app reads it.</summary>
public sealed class DjangoUser
{
    /// <summary>The key that comments refer to, as of <see cref="DjangoIds"/> where it is an integer.</summary>
    public Guid Id { get; init; }

    /// <summary>The name, told apart by case; null for a user whom nobody can ask for.</summary>
    public string? UserName { get; init; }
}

/// <summary>A row of the site's comments, as Django makes it.</summary>
public sealed class DjangoComment
{
    /// <summary>The key, as of <see cref="DjangoIds"/> where it is an integer.</summary>
    public Guid Id { get; init; }

    /// <summary>The <see cref="DjangoUser"/> who wrote it. The column may be null; rows of no user are only ever counted and deleted.</summary>
    public Guid UserId { get; init; }

    /// <summary>When it was written, to the microsecond.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>What was written; null for a comment of another kind, such as a picture.</summary>
    public string? Text { get; init; }

    /// <summary>The comment, with the row's key as its id.</summary>
    public Comment Of(string userName) => new() { Id = Id, UserName = userName, CreatedAt = Timestamp, Text = Text ?? "" };
}

/// <summary>The site's comments, in the place of the app's own.</summary>
internal sealed class DjangoComments(Func<SiteDialect> dialect, Func<IReadOnlyList<SiteDependent>> dependents, Func<SiteConditions> conditions, ILogger logger) : RecordKind<DjangoComment>(
    RecordKinds.Comments.Table, RecordKinds.Comments.Container, null, comment => SiteMoments.Of(comment.Timestamp), nameof(DjangoComment.Timestamp))
{
    public override bool HasOwnDeletion => dependents().Count > 0 || conditions().Expiring.Count > 0;

    /// <summary>All comments, shown or not.</summary>
    public static IQueryable<DjangoComment> All(CommentDbContext db) => db.Set<DjangoComment>().IgnoreQueryFilters();

    private protected override IQueryable<DjangoComment> Rows(CommentDbContext db) => conditions().WhereExpiring(All(db));

    /// <remarks>
    /// A site has no index on the time, so that ranges go by the key: together they read the table once. They are counted in rows,
    /// to be deleted or not, since reading for long holds up writers to a SQLite file that is not in WAL mode.
    /// </remarks>
    internal override async IAsyncEnumerable<int> DeleteInRangesAsync(
        CommentDbContext db, DateTimeOffset cutoff, IDeletionBatches batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var deletion = new DependentDeletion(db, dialect(), dependents(), logger);
        var steps = BatchedDeletion.RunAsync<Guid?>(
            (From: null, To: null),
            async (after, size, cancel) => await Between(All(db), after, null).OrderBy(c => c.Id).Select(c => (Guid?)c.Id).Skip(size - 1).FirstOrDefaultAsync(cancel)
                is { } end ? new(end, null) : null,
            (range, cancel) => deletion.DeleteAsync(Between(Rows(db), range.From, range.To).Where(c => SiteMoments.Of(c.Timestamp) <= cutoff), cancel),
            batches,
            cancellationToken);
        try
        {
            await foreach (var deleted in steps)
            {
                deletion.Confirm();
                yield return deleted;
            }
        }
        finally
        {
            deletion.Log();
        }
    }

    // Null is no end: there is no least or greatest key that a site could not have.
    private static IQueryable<DjangoComment> Between(IQueryable<DjangoComment> rows, Guid? after, Guid? upTo)
    {
        rows = after is { } from ? rows.Where(c => c.Id > from) : rows;
        return upTo is { } to ? rows.Where(c => c.Id <= to) : rows;
    }
}

/// <summary>The keys of a site's rows as the ids of comments, and back; both have the same order.</summary>
public static class DjangoIds
{
    /// <summary>The id whose last eight bytes are the key: 42 is <c>00000000-0000-0000-0000-00000000002a</c>.</summary>
    public static Guid ToGuid(long key)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], key);
        return new(bytes, bigEndian: true);
    }

    /// <summary>The key in an id.</summary>
    public static long ToKey(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes[8..]);
    }
}

using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Data.Django;

/// <summary>The site's tables as its ORM makes them, and the app's own records beside them, under names that no site has.</summary>
internal static class DjangoModel
{
    /// <summary>The table of Django's users.</summary>
    public const string Users = "auth_user";

    /// <summary>What the names of the app's own tables begin with.</summary>
    public const string Prefix = "commentfunctions_";

    /// <summary>Whether rows of this type are the site's.</summary>
    public static bool IsSites(Type rows) => rows == typeof(DjangoUser) || rows == typeof(DjangoComment);

    public static void Configure(ModelBuilder modelBuilder, DbContext context, string table, SiteTime site)
    {
        var onPostgres = context.Database.ProviderName!.Contains("Npgsql", StringComparison.Ordinal);
        SiteMoments.Map(modelBuilder, onPostgres);
        modelBuilder.Ignore<Comment>();
        modelBuilder.Ignore<User>();
        modelBuilder.Entity<DjangoUser>(user =>
        {
            user.ToTable(Users, t => t.ExcludeFromMigrations());
            user.Property(u => u.Id).HasColumnName("id");
            user.Property(u => u.UserName).HasColumnName("username").HasMaxLength(UserNames.MaxLength);
        });
        modelBuilder.Entity<DjangoComment>(comment =>
        {
            comment.ToTable(table, t => t.ExcludeFromMigrations());
            comment.Property(c => c.Id).HasColumnName("id");
            comment.Property(c => c.UserId).HasColumnName("user_id");
            comment.Property(c => c.Text).HasColumnName("text");
            var timestamp = comment.Property(c => c.Timestamp).HasColumnName("timestamp");
            _ = onPostgres
                ? timestamp.HasConversion(new DjangoInstant()).HasColumnType("timestamp with time zone")
                : timestamp.HasConversion(new DjangoText(site)).HasColumnType("datetime");
        });
        foreach (var own in modelBuilder.Model.GetEntityTypes().Where(type => !IsSites(type.ClrType)))
        {
            own.SetTableName(Prefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(own.GetTableName()!));
        }
    }
}

/// <summary>A row of <c>auth_user</c>, as far as the app reads it.</summary>
public sealed class DjangoUser
{
    /// <summary>The key that comments refer to.</summary>
    public long Id { get; init; }

    /// <summary>The name, told apart by case.</summary>
    public required string UserName { get; init; }
}

/// <summary>A row of the site's comments, as Django makes it.</summary>
public sealed class DjangoComment
{
    /// <summary>The key; it rises.</summary>
    public long Id { get; init; }

    /// <summary>The <see cref="DjangoUser"/> who wrote it.</summary>
    public long UserId { get; init; }

    /// <summary>When it was written, to the microsecond.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>What was written.</summary>
    public required string Text { get; init; }

    /// <summary>The comment, with the row's key in the last eight bytes of its id.</summary>
    public Comment Of(string userName) => new() { Id = DjangoIds.ToGuid(Id), UserName = userName, CreatedAt = Timestamp, Text = Text };
}

/// <summary>The site's comments, in the place of the app's own.</summary>
internal sealed class DjangoComments() : RecordKind<DjangoComment>(
    RecordKinds.Comments.Table, RecordKinds.Comments.Container, null, comment => SiteMoments.Of(comment.Timestamp), nameof(DjangoComment.Timestamp))
{
    /// <remarks>
    /// A site has no index on the time, so that ranges go by the key: together they read the table once. They are counted in rows,
    /// expired or not, since reading for long holds up writers to a SQLite file that is not in WAL mode.
    /// </remarks>
    internal override IAsyncEnumerable<int> DeleteInRangesAsync(
        CommentDbContext db, DateTimeOffset cutoff, IDeletionBatches batches, CancellationToken cancellationToken)
    {
        var comments = db.Set<DjangoComment>();
        return BatchedDeletion.RunAsync(
            (From: long.MinValue, To: long.MaxValue),
            async (after, size, cancel) => await comments.Where(c => c.Id > after)
                .OrderBy(c => c.Id).Select(c => (long?)c.Id).Skip(size - 1).FirstOrDefaultAsync(cancel) is { } end ? new(end, null) : null,
            (range, cancel) => comments.Where(c => c.Id > range.From && c.Id <= range.To && SiteMoments.Of(c.Timestamp) <= cutoff)
                .ExecuteDeleteAsync(cancel),
            batches,
            cancellationToken);
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

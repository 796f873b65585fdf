using System.Buffers.Binary;
using System.Buffers.Text;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Data;

/// <summary>
/// What differs between the schemas that users and comments can have, whatever the store: how they are found. One
/// instance for the process; safe to share.
/// </summary>
public abstract class CommentSchema
{
    /// <summary>The schema's name, one of <see cref="SchemaNames"/>.</summary>
    public abstract string Name { get; }

    /// <summary>Contexts whose tables have equal keys share one model.</summary>
    public abstract object ModelKey { get; }

    /// <summary>The kind of record as this schema keeps it: an existing site has comments of its own.</summary>
    public virtual RecordKind Resolve(RecordKind kind) => kind;

    /// <summary>Why the app writes no comments here, for the caller who tried; null where it does.</summary>
    public virtual string? ReadOnlyReason => null;

    /// <summary>What the users' names are, for messages to people.</summary>
    public virtual string NameRule => UserNames.Rule;

    /// <summary>Whether a user may have this name; for another name the store is not asked.</summary>
    public virtual bool MayBeName(string name) => UserNames.IsValid(name);

    /// <summary>What is wrong with the schema's settings, each problem naming its setting; empty if nothing is.</summary>
    public abstract IEnumerable<string> Check(CommentOptions options);

    /// <summary>Whether the model depends on what the database has, so that <see cref="LearnAsync"/> comes before it.</summary>
    public virtual bool LearnsFromDatabase => false;

    /// <summary>
    /// Looks at the database by a connection that is open, and returns what about the settings does not fit it, each problem naming its
    /// setting; empty if nothing.
    /// </summary>
    public virtual Task<IReadOnlyList<string>> LearnAsync(DbConnection connection, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Puts what relational databases have on top of the common model.</summary>
    public abstract void Configure(ModelBuilder modelBuilder, DbContext context);

    /// <summary>Gives a new connection, which is not open yet, what the schema's statements need.</summary>
    public virtual void Equip(DbConnection connection)
    {
    }

    /// <summary>Whether rows of this type are in a table of the site's, which the app never makes.</summary>
    public virtual bool IsSites(Type rows) => false;

    /// <summary>Statements that write, for no row, what goes with a deletion of comments in tables that the model does not have.</summary>
    /// <param name="delimit">Gives a name as statements have it.</param>
    public virtual IEnumerable<string> WritesBeside(Func<string, string> delimit) => [];

    /// <summary>What to do about missing tables, in one line.</summary>
    /// <param name="missing">The tables; at least one.</param>
    /// <param name="store">The store's name.</param>
    public abstract string Explain(IReadOnlyList<MissingTable> missing, string store);

    /// <summary>
    /// The user's latest comment written after the cutoff: one step in an index. Of several of one millisecond it is the one posted last;
    /// null if there is none, or no such user.
    /// </summary>
    public abstract Task<LatestText?> FindLatestAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="count"/> of the user's comments written after the cutoff and listed after the cursor, newest first.</summary>
    public abstract Task<List<Comment>> FindPageAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CommentCursor? before, int count, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="count"/> comments of all users written after the cutoff, newest first.</summary>
    public abstract Task<List<Comment>> FindRecentAsync(
        CommentDbContext db, DateTimeOffset cutoff, int count, CancellationToken cancellationToken);

    /// <summary>Whether there is such a user.</summary>
    public abstract Task<bool> UserExistsAsync(CommentDbContext db, string userName, CancellationToken cancellationToken);
}

/// <summary>What the bot quotes of a comment.</summary>
/// <param name="Text">What was written.</param>
/// <param name="CreatedAt">When, in UTC.</param>
public sealed record LatestText(string Text, DateTimeOffset CreatedAt);

/// <summary>A table that is missing, or of which a column is.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Problem">What the database says.</param>
/// <param name="IsSites">Whether it is the site's, and so not the app's to make.</param>
public sealed record MissingTable(string Table, string Problem, bool IsSites);

/// <summary>Where a page of a listing ended: the last comment's time and id, as text that callers need not understand.</summary>
public readonly record struct CommentCursor(DateTimeOffset CreatedAt, Guid Id)
{
    private const int Length = sizeof(long) + 16;

    /// <summary>Reads what <see cref="ToString"/> wrote; false for anything else.</summary>
    public static bool TryParse(string text, out CommentCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text is not { Length: Length / 3 * 4 }
            || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var written)
            || written != Length)
        {
            return false;
        }

        // To the last digit: the comments of other schemas have finer times than milliseconds.
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks)
        {
            return false;
        }

        cursor = new(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[sizeof(long)..], bigEndian: true));
        return true;
    }

    /// <summary>The cursor as URL-safe text.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, CreatedAt.UtcTicks);
        Id.TryWriteBytes(bytes[sizeof(long)..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }
}

using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Data.Django;

/// <summary>
/// The users and comments of an existing Django site, in its own tables, which are read and deleted from and never made, altered or
/// added to.
/// </summary>
public sealed class DjangoSchema : CommentSchema
{
    // A user model of the site's own may ask for e-mail addresses (RFC 5321).
    private const int LongestName = 254;

    private readonly IOptions<CommentOptions> options;
    private readonly SiteDialects dialects;
    private readonly DjangoComments comments;
    private SiteShape shape = SiteShape.Tutorial;
    private IReadOnlyList<SiteDependent> dependents = [];
    private SiteConditions conditions = SiteConditions.None;

    /// <param name="options">The settings.</param>
    /// <param name="dialects">What the stores' databases have of their own.</param>
    /// <param name="logger">Takes what went with the comments.</param>
    public DjangoSchema(IOptions<CommentOptions> options, SiteDialects dialects, ILogger<DjangoSchema> logger)
    {
        (this.options, this.dialects) = (options, dialects);
        comments = new(() => Dialect, () => dependents, () => conditions, logger);
    }

    // The user's key is looked up in a scalar subquery, which lets the comments begin in their index; a join through a navigation does
    // not. Compiled once; it belongs to the model of the first context that it is used with.
    private readonly Func<CommentDbContext, string, DateTimeOffset, CancellationToken, Task<LatestText?>> latest =
        EF.CompileAsyncQuery((CommentDbContext db, string userName, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
            db.Set<DjangoComment>().AsNoTracking()
                .Where(c => c.UserId == db.Set<DjangoUser>().Where(u => u.UserName == userName).Select(u => (Guid?)u.Id).FirstOrDefault()
                    && SiteMoments.Of(c.Timestamp) > cutoff)
                .OrderByDescending(c => SiteMoments.Of(c.Timestamp)).ThenByDescending(c => c.Id)
                .Select(c => new LatestText(c.Text ?? "", c.Timestamp))
                .FirstOrDefault());

    public override string Name => SchemaNames.Django;

    public override object ModelKey =>
        (Name, string.Join('\n', Settings.Names.Select(name => name.Value)), Settings.TimeZone, shape, Settings.Where, Settings.ExpireWhere, conditions.Types);

    public override bool LearnsFromDatabase => true;

    public override async Task<IReadOnlyList<string>> LearnAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var reading = new SiteReading(Settings, await SiteCatalog.ReadAsync(connection, Dialect, cancellationToken));
        shape = reading.Read();
        if (reading.Problems.Count == 0)
        {
            dependents = reading.ReadDependents();
            conditions = reading.ReadConditions();
        }

        return reading.Problems;
    }

    public override RecordKind Resolve(RecordKind kind) => kind == RecordKinds.Comments ? comments : kind;

    public override string? ReadOnlyReason =>
        "The comments are those of a Django site (Comments:Schema is Django), and the site alone writes them. Post the comment there.";

    public override string NameRule => $"1 to {LongestName} characters";

    /// <remarks>What the site's forms take depends on its validator, and names that came by an import were seen by none.</remarks>
    public override bool MayBeName(string name) => name.Length > 0 && CodePoints.Fit(name, LongestName);

    public override bool IsSites(Type rows) => DjangoModel.IsSites(rows);

    public override IEnumerable<string> Check(CommentOptions options)
    {
        var dialect = dialects.Find(options.Store);
        if (dialect is null && StoreNames.Find(options.Store) is not null)
        {
            yield return $"Comments:Schema is Django, which takes Comments:Store {string.Join(" or ", dialects.Stores)}.";
        }

        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            yield return "Comments:ConnectionString is not set, and Comments:Schema is Django. Allowed: the connection string of the site's database.";
        }

        foreach (var (setting, _) in options.Django.Names.Where(name => string.IsNullOrWhiteSpace(name.Value)))
        {
            yield return $"Comments:Django:{setting} is empty. Allowed: the name that the site's database has for it.";
        }

        var zone = options.Django.TimeZone;
        if (string.IsNullOrWhiteSpace(zone) && dialect is { KnowsZones: false })
        {
            // The database does not tell which zone its times are in, and a wrong one deletes comments too early.
            yield return $"Comments:Django:TimeZone is not set, and Comments:Schema is Django on {dialect.Database}, whose times have no zone. Set it to UTC "
                + "where the site's USE_TZ is True, as in new projects, else to the site's TIME_ZONE, such as Europe/Berlin.";
        }

        if (!string.IsNullOrWhiteSpace(zone) && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            yield return $"Comments:Django:TimeZone is '{zone}', which this machine does not know. Allowed: UTC where the site's "
                + "USE_TZ is True, else the site's TIME_ZONE, such as Europe/Berlin.";
        }
    }

    public override void Configure(ModelBuilder modelBuilder, DbContext context) => DjangoModel.Configure(modelBuilder, Dialect, Settings, shape, conditions, Site);

    public override void Equip(DbConnection connection) => Dialect.Equip(connection, Site);

    public override IEnumerable<string> WritesBeside(Func<string, string> delimit) => dependents.SelectMany(one => one.Writes(delimit));

    public override string Explain(IReadOnlyList<MissingTable> missing, string store) =>
        $"Comments:CreateSchema is false, and the site's database lacks a table of the app's own ({missing[0].Problem}). Set it to true "
            + $"for one start to have the app's tables, {DjangoModel.Prefix}…, made beside the site's, which are never touched.";

    public override Task<LatestText?> FindLatestAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        latest(db, userName, cutoff, cancellationToken);

    public override async Task<List<Comment>> FindPageAsync(
        CommentDbContext db, string userName, DateTimeOffset cutoff, CommentCursor? before, int count, CancellationToken cancellationToken)
    {
        var users = db.Set<DjangoUser>().Where(u => u.UserName == userName).Select(u => (Guid?)u.Id);
        var found = db.Set<DjangoComment>().AsNoTracking().Where(c => c.UserId == users.FirstOrDefault() && SiteMoments.Of(c.Timestamp) > cutoff);
        if (before is { CreatedAt: var timestamp, Id: var id })
        {
            found = found.Where(c => SiteMoments.Of(c.Timestamp) <= timestamp && (SiteMoments.Of(c.Timestamp) < timestamp || c.Id < id));
        }

        var rows = await found
            .OrderByDescending(c => SiteMoments.Of(c.Timestamp)).ThenByDescending(c => c.Id)
            .Take(count)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => row.Of(userName))];
    }

    /// <remarks>
    /// The newest keys are read, and what has expired of them is left out then: a site's table need not have an index of the times. UUIDs
    /// have no order of time, so there the times are sorted as they are stored. Rows that nobody could be named for, or that have no time,
    /// take no other's place.
    /// </remarks>
    public override async Task<List<Comment>> FindRecentAsync(
        CommentDbContext db, DateTimeOffset cutoff, int count, CancellationToken cancellationToken)
    {
        var named = db.Set<DjangoUser>().Where(u => u.UserName != null);
        var written = db.Set<DjangoComment>().AsNoTracking().Where(c => named.Any(u => u.Id == c.UserId) && SiteMoments.Of(c.Timestamp) > DateTimeOffset.UnixEpoch);
        var newest = shape.Key == SiteKey.Number ? written.OrderByDescending(c => c.Id) : written.OrderByDescending(c => c.Timestamp);
        var rows = await newest.Take(count)
            .Join(db.Set<DjangoUser>(), c => c.UserId, u => u.Id, (c, u) => new { Comment = c, u.UserName })
            .ToListAsync(cancellationToken);
        return
        [
            .. rows.Where(row => row.Comment.Timestamp > cutoff)
                .OrderByDescending(row => row.Comment.Timestamp).ThenByDescending(row => row.Comment.Id)
                .Select(row => row.Comment.Of(row.UserName!)),
        ];
    }

    public override Task<bool> UserExistsAsync(CommentDbContext db, string userName, CancellationToken cancellationToken) =>
        db.Set<DjangoUser>().AnyAsync(u => u.UserName == userName, cancellationToken);

    private SiteDialect Dialect => dialects.Find(options.Value.Store)!;

    private DjangoOptions Settings => options.Value.Django;

    private SiteTime Site => new(string.IsNullOrWhiteSpace(Settings.TimeZone) ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(Settings.TimeZone));
}

using System.Data.Common;
using System.Text.RegularExpressions;

namespace CommentFunctions.Data.Django;

/// <summary>A table that could be a site's comments.</summary>
/// <param name="Names">The settings that attach it.</param>
/// <param name="Count">How many rows it has.</param>
/// <param name="Problems">What keeps the app from starting with these settings, or from counting; empty where nothing does.</param>
public sealed partial record SiteCandidate(DjangoOptions Names, SiteCount Count, IReadOnlyList<string> Problems)
{
    // The moment that a time means is the one thing that the database cannot tell.
    private const string ZoneRemark = "# UTC where USE_TZ of the site is True, else its TIME_ZONE, such as Europe/Berlin.";

    /// <summary>The settings as lines for a shell or a file of environment variables.</summary>
    public IReadOnlyList<string> Settings =>
    [
        $"{CommentOptions.Section}__{nameof(CommentOptions.Schema)}={SchemaNames.Django}",
        .. Names.Names.Select(name => Line(name.Setting, name.Value)),
        .. Names.Dependents is { Length: > 0 } dependents ? new[] { Line(nameof(Names.Dependents), dependents) } : [],
        .. Names.Where is { Length: > 0 } where ? new[] { Line(nameof(Names.Where), where) } : [],
        .. Names.TimeZone is { } zone ? new[] { ZoneRemark, Line(nameof(Names.TimeZone), zone) } : [],
    ];

    /// <summary>Finds the tables of a database that could be comments, best first, and counts their rows. It only reads.</summary>
    /// <param name="connection">A connection that is open.</param>
    /// <param name="dialect">That of its database.</param>
    /// <param name="zone">The zone of times that have none; null for UTC.</param>
    /// <param name="cutoff">What was written at this time or earlier has expired.</param>
    /// <param name="clock">The time, which ends the counting of a huge table.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<SiteCandidate>> FindAsync(
        DbConnection connection, SiteDialect dialect, string? zone, DateTimeOffset cutoff, TimeProvider clock, CancellationToken cancellationToken)
    {
        var catalog = await SiteCatalog.ReadAsync(connection, dialect, cancellationToken);
        var site = string.IsNullOrWhiteSpace(zone) ? TimeZoneInfo.Utc.Id : zone;
        var counting = new SiteCounting(connection, dialect, new(TimeZoneInfo.FindSystemTimeZoneById(site)), clock);
        List<SiteCandidate> found = [];
        foreach (var names in new SiteFinder(catalog, await SiteUnique.ReadAsync(connection, dialect, cancellationToken)).Find())
        {
            names.TimeZone = site;
            var reading = new SiteReading(names, catalog);
            var shape = reading.Read();
            if (reading.Problems.Count > 0)
            {
                // It only looked like one.
                continue;
            }

            names.TimeZone = shape.TimeHasZone ? null : site;
            _ = (reading.ReadDependents(), reading.ReadConditions());
            var (count, problem) = await counting.CountAsync(names, shape.TimeHasZone, cutoff, cancellationToken);
            found.Add(new(names, count, problem is null ? reading.Problems : [.. reading.Problems, problem]));
        }

        return found;
    }

    // A name may be anything, and a shell runs what it is given.
    private static string Line(string setting, string value) =>
        $"{CommentOptions.Section}__{nameof(CommentOptions.Django)}__{setting}={(Plain().IsMatch(value) ? value : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'")}";

    [GeneratedRegex(@"^[\w.,=/+-]+\z")]
    private static partial Regex Plain();
}

/// <summary>A column by whose values the rows of its table are told apart.</summary>
/// <param name="Table">The table.</param>
/// <param name="Column">The column.</param>
/// <param name="IsKey">Whether it is the primary key.</param>
internal sealed record SiteUnique(string Table, string Column, bool IsKey)
{
    public static Task<List<SiteUnique>> ReadAsync(DbConnection connection, SiteDialect dialect, CancellationToken cancellationToken) => SiteCatalog.ListAsync(
        connection, dialect.Uniques, row => new SiteUnique(row.GetString(0), row.GetString(1), row.GetBoolean(2)), cancellationToken);
}

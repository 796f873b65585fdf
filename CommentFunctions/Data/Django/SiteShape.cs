namespace CommentFunctions.Data.Django;

/// <summary>What a key of the site's is.</summary>
public enum SiteKey
{
    /// <summary>A whole number of 32 or 64 bits.</summary>
    Number,

    /// <summary>A UUID, as Django keeps it: a <c>uuid</c> on PostgreSQL, 32 hexadecimal digits in a SQLite file.</summary>
    Uuid,
}

/// <summary>What the site's columns are, as its database tells.</summary>
/// <param name="Key">The comments' key.</param>
/// <param name="UserKey">The users' key.</param>
/// <param name="TimeHasZone">Whether the times say of themselves which moments they are.</param>
public sealed record SiteShape(SiteKey Key, SiteKey UserKey, bool TimeHasZone)
{
    /// <summary>That of the tutorial's site, until a database was looked at.</summary>
    public static SiteShape Tutorial { get; } = new(SiteKey.Number, SiteKey.Number, TimeHasZone: true);
}

/// <summary>Looks up the names of the settings in the site's database. What is wrong becomes lines, each of which names its setting.</summary>
internal sealed class SiteReading(DjangoOptions options, SiteCatalog catalog)
{
    private const string Setting = $"{CommentOptions.Section}:{nameof(CommentOptions.Django)}";

    private const string Hint = "To see what could be meant: run DescribeSite.";

    private readonly List<string> problems = [];

    /// <summary>What is wrong; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>What the columns are; only where nothing is wrong.</summary>
    public SiteShape Read()
    {
        var comments = HasTable(nameof(options.Table), options.Table, "the site's comments, such as comments_comment");
        var users = HasTable(nameof(options.UserTable), options.UserTable, "the site's users, after the site's own migrate");
        var key = comments ? KeyOf(nameof(options.Key), options.Table, options.Key) : null;
        var user = comments ? KeyOf(nameof(options.User), options.Table, options.User) : null;
        var time = comments ? Column(nameof(options.Time), options.Table, options.Time, catalog.Dialect.IsTime, "a date with a time") : null;
        _ = comments ? Column(nameof(options.Text), options.Table, options.Text, IsText, "a text") : null;
        var userKey = users ? KeyOf(nameof(options.UserKey), options.UserTable, options.UserKey) : null;
        _ = users ? Column(nameof(options.UserName), options.UserTable, options.UserName, IsText, "a text") : null;
        if (user is not null && userKey is not null && user != userKey)
        {
            problems.Add($"{Setting}:User is '{options.User}', which is of another type than {options.UserKey} of {options.UserTable}. Set it to the column that refers to the users. {Hint}");
        }

        var hasZone = time is not null && catalog.Dialect.HasZone(time.Type);
        if (time is not null && !hasZone && string.IsNullOrWhiteSpace(options.TimeZone))
        {
            problems.Add($"{Setting}:TimeZone is not set, and the times in {options.Table} have no zone. Set it to UTC or to the zone that they are in, such as Europe/Berlin.");
        }

        return new(key ?? SiteKey.Number, userKey ?? SiteKey.Number, hasZone);
    }

    /// <summary>What refers to the comments and goes with them; what refers to them and is not named is a problem.</summary>
    public IReadOnlyList<SiteDependent> ReadDependents()
    {
        var named = (options.Dependents ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Parse).OfType<NamedDependent>().ToList();
        var found = Dependents(options.Table, named, []);
        foreach (var left in named.Where(name => !name.IsUsed))
        {
            problems.Add($"{Setting}:Dependents names {left.Table}.{left.Column}, which refers to no row that goes with a comment. Remove it, or name what it refers to as well.");
        }

        return found;
    }

    /// <summary>Which comments are shown, and which expire.</summary>
    public SiteConditions ReadConditions()
    {
        var conditions = new ConditionReading(options, catalog, problems);
        return new(conditions.Read(nameof(options.Where), options.Where), conditions.Read(nameof(options.ExpireWhere), options.ExpireWhere));
    }

    private List<SiteDependent> Dependents(string table, List<NamedDependent> named, IReadOnlyList<string> above)
    {
        List<SiteDependent> found = [];
        foreach (var reference in ReferencesTo(table, named))
        {
            var name = named.Find(one => catalog.AreSame(one.Table, reference.Table) && catalog.AreSame(one.Column, reference.Column));
            if (name is null)
            {
                Refuse(reference);
            }
            else if (name.SetsNull)
            {
                found.Add(new(reference.Table, reference.Column, SetsNull: true, reference.Key, []));
                name.IsUsed = true;
            }
            else if (above.Append(table).Any(one => catalog.AreSame(one, reference.Table)))
            {
                problems.Add($"{Setting}:Dependents names {reference.Table}.{reference.Column}, by which rows go in circles. Allowed: {reference.Table}.{reference.Column}=null.");
                name.IsUsed = true;
            }
            else
            {
                name.IsUsed = true;
                found.Add(new(reference.Table, reference.Column, SetsNull: false, reference.Key, Dependents(reference.Table, named, [.. above, table])));
            }
        }

        return found;
    }

    // Foreign keys without an action of the database's own; and of the comments also what is named without being one.
    private IEnumerable<SiteReference> ReferencesTo(string table, List<NamedDependent> named)
    {
        var keys = catalog.References.Where(r => catalog.AreSame(r.To, table) && !r.HasAction);
        return catalog.AreSame(table, options.Table)
            ? keys.Concat(named.Where(IsNoForeignKey).Select(n => new SiteReference(n.Table, n.Column, table, options.Key, HasAction: false)))
            : keys;
    }

    private bool IsNoForeignKey(NamedDependent name) => !catalog.References.Any(r => catalog.AreSame(r.Table, name.Table) && catalog.AreSame(r.Column, name.Column));

    private void Refuse(SiteReference reference)
    {
        var name = $"{reference.Table}.{reference.Column}";
        var stay = catalog.Find(reference.Table, reference.Column)?.IsNullable is true ? $", or {name}=null to keep the rows without it" : "";
        problems.Add($"{name} refers to {reference.To}, whose rows are to be deleted. Add {name} to {Setting}:Dependents to have its rows deleted with what they refer to{stay}.");
    }

    private NamedDependent? Parse(string text)
    {
        var setsNull = text.EndsWith("=null", StringComparison.OrdinalIgnoreCase);
        var name = setsNull ? text[..^"=null".Length] : text;
        var dot = name.LastIndexOf('.');
        var (table, column) = dot < 0 ? (name, "") : (name[..dot].Trim(), name[(dot + 1)..].Trim());
        if (catalog.Find(table, column) is not { } found)
        {
            problems.Add($"{Setting}:Dependents names '{text}', and the database has no such column. Allowed: table.column or table.column=null, separated by commas.");
            return null;
        }

        if (setsNull && !found.IsNullable)
        {
            problems.Add($"{Setting}:Dependents has '{text}', and {name} cannot be null. Allowed: {name}, by which its rows are deleted.");
            return null;
        }

        return new(found.Table, found.Name, setsNull);
    }

    private bool HasTable(string setting, string table, string what)
    {
        var there = catalog.ColumnsOf(table).Count > 0;
        if (!there)
        {
            problems.Add($"{Setting}:{setting} is '{table}', and the database has no such table. Set it to the table of {what}, and Comments:ConnectionString to the site's database. {Hint}");
        }

        return there;
    }

    private SiteKey? KeyOf(string setting, string table, string name) =>
        Column(setting, table, name, type => catalog.Dialect.KindOf(type) is not null, "an integer or a UUID") is { } column ? catalog.Dialect.KindOf(column.Type) : null;

    private SiteColumn? Column(string setting, string table, string name, Func<string, bool> isRight, string allowed)
    {
        if (catalog.Find(table, name) is not { } column)
        {
            problems.Add($"{Setting}:{setting} is '{name}', and the table {table} has no such column. It has {string.Join(", ", catalog.ColumnsOf(table).Select(c => c.Name))}. {Hint}");
            return null;
        }

        if (!isRight(column.Type))
        {
            problems.Add($"{Setting}:{setting} is '{name}', which is {column.Type} in {table}. Allowed: a column that is {allowed}. {Hint}");
            return null;
        }

        return column;
    }

    internal static bool IsText(string type) =>
        type.Contains("char", StringComparison.OrdinalIgnoreCase) || type.Contains("text", StringComparison.OrdinalIgnoreCase);

    private sealed record NamedDependent(string Table, string Column, bool SetsNull)
    {
        public bool IsUsed { get; set; }
    }
}

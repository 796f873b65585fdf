namespace CommentFunctions.Data.Django;

/// <summary>
/// Finds the tables that could be a site's comments: each has a key, refers to what could be users, and has a time and a text. Names tell
/// only which is the likeliest.
/// </summary>
internal sealed class SiteFinder(SiteCatalog catalog, IReadOnlyList<SiteUnique> uniques)
{
    private const int Most = 10;

    // More than any name of a column weighs.
    private const int Much = 100;

    // The likeliest first.
    private static readonly string[] UserNames = ["username", "email", "email_address", "mail", "login", "user_name", "nickname", "handle", "name"];
    private static readonly string[] Writers = ["user", "author", "owner", "writer", "creator", "created_by", "commenter", "poster", "posted_by", "member", "profile", "account"];
    private static readonly string[] Texts = ["comment", "body", "text", "content", "message", "review", "note", "description"];

    private static readonly string[] Times =
        ["created_at", "created", "timestamp", "created_on", "date_created", "submit_date", "posted_at", "date_posted", "pub_date", "published_at", "written_at", "date", "time"];

    private static readonly string[] Comments = ["comment", "review", "message", "reply", "post", "note", "feedback", "answer"];
    private static readonly string[] Others = ["flag", "like", "vote", "log", "history", "session", "token", "notification", "audit"];
    private static readonly string[] OtherTexts = ["password", "email", "url", "slug", "ip", "token", "hash", "status", "path", "key", "pk"];
    private static readonly string[] OtherTimes = ["update", "modif", "edit", "delete", "remove", "expire", "login", "read"];

    // What a site shows nobody, and what it shows, each with or without is_ before it or _at after it.
    private static readonly string[] Hidden = ["removed", "deleted", "hidden", "spam", "blocked", "draft", "rejected"];
    private static readonly string[] Shown = ["public", "approved", "visible", "published", "active"];

    // Django's own, whose rows no visitor writes, and the app's.
    private static readonly string[] Foreign = ["django_admin_log", "django_session", "django_migrations", "django_content_type", "django_site"];
    private static readonly string[] ForeignPrefixes = ["auth_", "sqlite_", DjangoModel.Prefix];

    /// <summary>The settings of each, best first.</summary>
    public IReadOnlyList<DjangoOptions> Find()
    {
        var tables = catalog.Columns.Select(column => column.Table).Distinct().ToList();
        var users = tables.Select(UsersOf).OfType<Users>().OrderByDescending(one => one.Weight).ThenBy(one => one.Table, StringComparer.Ordinal).ToList();
        return
        [
            .. tables.Where(table => !Foreign.Contains(table, StringComparer.OrdinalIgnoreCase)
                    && !Array.Exists(ForeignPrefixes, prefix => table.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
                .Select(table => CommentsOf(table, users)).OfType<Found>()
                .OrderByDescending(found => found.Weight).ThenBy(found => found.Names.Table, StringComparer.Ordinal)
                .Take(Most).Select(found => found.Names),
        ];
    }

    private Users? UsersOf(string table)
    {
        var name = Best(table, column => IsText(column) && (Rank(UserNames, column.Name) > 0 || IsUnique(column)), column => Rank(UserNames, column.Name) + (IsUnique(column) ? Much : 0));
        if (KeyOf(table) is not { } key || name is null)
        {
            return null;
        }

        // What Django's admin and its user models have.
        var isDjangos = catalog.References.Any(r => catalog.AreSame(r.To, table) && catalog.AreSame(r.Table, "django_admin_log"))
            || (catalog.Find(table, "password") is not null && catalog.Find(table, "last_login") is not null);
        var isNamed = Array.Exists(["user", "account", "member", "author", "profile"], word => ModelOf(table).Contains(word, StringComparison.Ordinal));
        var isKnownBy = Rank(UserNames, name.Name) > 1;
        var weight = (isDjangos ? 8 : 0) + (isNamed ? 3 : 0) + (isKnownBy ? 2 : 0);
        return weight == 0 ? null : new(table, key, name.Name, weight);
    }

    private Found? CommentsOf(string table, IReadOnlyList<Users> users)
    {
        var writer = WriterOf(table, users);
        var time = Best(table, IsTime, column => Rank(Times, column.Name) - (Has(OtherTimes, column.Name) ? Much : 0));
        var text = Best(table, IsText, column => Rank(Texts, column.Name) + (IsLong(column) ? 1 : 0) - (IsOtherText(column) ? Much : 0));
        if (KeyOf(table) is not { } key || writer is null || time is null || text is null)
        {
            return null;
        }

        var model = ModelOf(table);
        var isComments = Array.FindIndex(Comments, word => model.Contains(word, StringComparison.Ordinal));
        var weight = (isComments == 0 ? 8 : isComments > 0 ? 4 : 0)
            - (Has(Others, model.Replace("blog", "", StringComparison.Ordinal)) ? 6 : 0)
            + (Rank(Texts, text.Name) > 0 ? 3 : 0) + (IsLong(text) ? 2 : 0) - (IsOtherText(text) ? 3 : 0)
            + (Rank(Times, time.Name) > 0 ? 2 : 0)
            + (writer.Users.Weight / 2) + (Rank(Writers, writer.Name) > 0 ? 2 : 0);
        return new(weight, new()
        {
            Table = table,
            Key = key,
            User = writer.Column,
            Time = time.Name,
            Text = text.Name,
            UserTable = writer.Users.Table,
            UserKey = writer.Users.Key,
            UserName = writer.Users.Name,
            Dependents = string.Join(',', Dependents(table, [table]).Distinct()),
            Where = string.Join(',', catalog.ColumnsOf(table).Select(ConditionOf).OfType<string>()),
        });
    }

    // What a moderator hid was meant for nobody: a guess that shows too little is seen, one that shows too much is not.
    private string? ConditionOf(SiteColumn column)
    {
        var isFlag = catalog.Dialect.IsBoolean(column.Type);
        var name = column.Name.ToLowerInvariant();
        name = isFlag && name.StartsWith("is_", StringComparison.Ordinal) ? name["is_".Length..] : name;
        if (isFlag)
        {
            return Hidden.Contains(name) ? $"{column.Name}=false" : Shown.Contains(name) ? $"{column.Name}=true" : null;
        }

        name = name.EndsWith("_at", StringComparison.Ordinal) ? name[..^"_at".Length] : name;
        return IsTime(column) && column.IsNullable && Hidden.Contains(name) ? $"{column.Name}=null" : null;
    }

    // A site may do without foreign keys in its database: then the name alone tells.
    private Writer? WriterOf(string table, IReadOnlyList<Users> users)
    {
        var own = catalog.References.Where(reference => catalog.AreSame(reference.Table, table)).ToList();
        var named = catalog.ColumnsOf(table).Where(column => column.Name.EndsWith("_id", StringComparison.OrdinalIgnoreCase)
            && Rank(Writers, column.Name[..^"_id".Length]) > 0 && !own.Exists(reference => catalog.AreSame(reference.Column, column.Name)));
        return own
            .SelectMany(reference => users.Where(one => catalog.AreSame(one.Table, reference.To)).Select(one => new Writer(reference.Column, one with { Key = reference.Key }, IsReference: true)))
            .Concat(named.SelectMany(column => users.Take(1).Select(one => new Writer(column.Name, one, IsReference: false))))
            .Where(writer => !catalog.AreSame(writer.Users.Table, table))
            .OrderByDescending(writer => writer.IsReference)
            .ThenByDescending(writer => writer.Users.Weight + Rank(Writers, writer.Name))
            .FirstOrDefault();
    }

    // A row that can do without what it refers to stays: of two ways, that which deletes less.
    private IEnumerable<string> Dependents(string table, IReadOnlyList<string> above)
    {
        foreach (var reference in catalog.References.Where(r => catalog.AreSame(r.To, table) && !r.HasAction))
        {
            var name = $"{reference.Table}.{reference.Column}";
            if (catalog.Find(reference.Table, reference.Column)?.IsNullable is true)
            {
                yield return $"{name}=null";
                continue;
            }

            yield return name;
            if (!above.Any(one => catalog.AreSame(one, reference.Table)))
            {
                foreach (var further in Dependents(reference.Table, [.. above, reference.Table]))
                {
                    yield return further;
                }
            }
        }
    }

    private string? KeyOf(string table) => uniques.FirstOrDefault(unique => unique.IsKey && catalog.AreSame(unique.Table, table)) is { } key
        && catalog.Find(table, key.Column) is { } column && catalog.Dialect.KindOf(column.Type) is not null ? column.Name : null;

    private SiteColumn? Best(string table, Func<SiteColumn, bool> isOne, Func<SiteColumn, int> rank) =>
        catalog.ColumnsOf(table).Where(isOne).OrderByDescending(rank).FirstOrDefault();

    private bool IsUnique(SiteColumn column) => uniques.Any(unique => catalog.AreSame(unique.Table, column.Table) && catalog.AreSame(unique.Column, column.Name));

    private bool IsText(SiteColumn column) => SiteReading.IsText(column.Type) && catalog.Dialect.KindOf(column.Type) is null
        && !catalog.References.Any(reference => catalog.AreSame(reference.Table, column.Table) && catalog.AreSame(reference.Column, column.Name));

    // The start takes any word that SQLite has for a type; Django writes one of these.
    private bool IsTime(SiteColumn column) => catalog.Dialect.IsTime(column.Type)
        && (column.Type.StartsWith("datetime", StringComparison.OrdinalIgnoreCase) || column.Type.StartsWith("timestamp", StringComparison.OrdinalIgnoreCase));

    private static bool IsLong(SiteColumn column) => column.Type.Contains("text", StringComparison.OrdinalIgnoreCase);

    private static bool IsOtherText(SiteColumn column) => column.Name.Split('_').Intersect(OtherTexts, StringComparer.OrdinalIgnoreCase).Any();

    // Django names a table after the app and the model.
    private static string ModelOf(string table) => table[(table.IndexOf('_', StringComparison.Ordinal) + 1)..].ToLowerInvariant();

    private static bool Has(string[] words, string name) => Array.Exists(words, word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static int Rank(string[] names, string name) =>
        Array.FindIndex(names, one => one.Equals(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index ? names.Length - index : 0;

    private sealed record Users(string Table, string Key, string Name, int Weight);

    private sealed record Writer(string Column, Users Users, bool IsReference)
    {
        /// <summary>The name of the field, of which Django makes the column's.</summary>
        public string Name => Column.EndsWith("_id", StringComparison.OrdinalIgnoreCase) ? Column[..^"_id".Length] : Column;
    }

    private sealed record Found(int Weight, DjangoOptions Names);
}

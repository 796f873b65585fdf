using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Data.Django;

/// <summary>Settings that name a site's tables, against what its database has: what does not fit ends the start with a line that says what to do.</summary>
public sealed class SiteSettingsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("comments-").FullName;

    private string File => $"Data Source={Path.Combine(folder, "site.db")}";

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("Table", "blog_post", "Comments:Django:Table is 'blog_post', and the database has no such table.")]
    [InlineData("Table", "\"; DROP TABLE shop_note; --", "Comments:Django:Table is '\"; DROP TABLE shop_note; --', and the database has no such table.")]
    [InlineData("Key", "body\" FROM shop_user; --", "Comments:Django:Key is 'body\" FROM shop_user; --', and the table shop_note has no such column. It has id, writer_id, made, body, parent_id, hidden.")]
    [InlineData("Key", "made", "Comments:Django:Key is 'made', which is datetime in shop_note. Allowed: a column that is an integer or a UUID.")]
    [InlineData("Text", "hidden", "Comments:Django:Text is 'hidden', which is bool in shop_note. Allowed: a column that is a text.")]
    [InlineData("User", "id", "Comments:Django:User is 'id', which is of another type than uuid of shop_user. Set it to the column that refers to the users.")]
    [InlineData("UserName", "username", "Comments:Django:UserName is 'username', and the table shop_user has no such column. It has uuid, mail.")]
    [InlineData("Dependents", "", "shop_note.parent_id refers to shop_note, whose rows are to be deleted. Add shop_note.parent_id to Comments:Django:Dependents to have its rows deleted with what they refer to, or shop_note.parent_id=null to keep the rows without it.")]
    [InlineData("Dependents", "shop_note.parent_id", "Comments:Django:Dependents names shop_note.parent_id, by which rows go in circles. Allowed: shop_note.parent_id=null.")]
    [InlineData("Dependents", "shop_note.parent_id=null, shop_like.note", "Comments:Django:Dependents names 'shop_like.note', and the database has no such column. Allowed: table.column or table.column=null, separated by commas.")]
    [InlineData("Dependents", "shop_note.parent_id=null, shop_like.note_id=null", "Comments:Django:Dependents has 'shop_like.note_id=null', and shop_like.note_id cannot be null. Allowed: shop_like.note_id, by which its rows are deleted.")]
    [InlineData("Dependents", "shop_note.parent_id=null, shop_other.x; DROP TABLE shop_note", "Comments:Django:Dependents names 'shop_other.x; DROP TABLE shop_note', and the database has no such column.")]
    [InlineData("TimeZone", "", "Comments:Django:TimeZone is not set")]
    [InlineData("Where", "hidden", "Comments:Django:Where has 'hidden', which is no pair. Allowed: column=value, such as is_removed=false, separated by commas; a value cannot have a comma.")]
    [InlineData("Where", "hidden=false,", "Comments:Django:Where has '', which is no pair.")]
    [InlineData("Where", "gone=1", "Comments:Django:Where names 'gone', and the table shop_note has no such column. It has id, writer_id, made, body, parent_id, hidden.")]
    [InlineData("Where", "hidden=null", "Comments:Django:Where has 'hidden=null', and hidden is bool NOT NULL in shop_note. Allowed: hidden=true or hidden=false.")]
    [InlineData("ExpireWhere", "hidden=0", "Comments:Django:ExpireWhere has 'hidden=0', and hidden is bool NOT NULL in shop_note. Allowed: hidden=true or hidden=false.")]
    [InlineData("ExpireWhere", "hidden=true; DROP TABLE shop_note", "Comments:Django:ExpireWhere has 'hidden=true; DROP TABLE shop_note', and hidden is bool NOT NULL in shop_note.")]
    [InlineData("ExpireWhere", "\"; DROP TABLE shop_note; --=1", "Comments:Django:ExpireWhere names '\"; DROP TABLE shop_note; --', and the table shop_note has no such column.")]
    [InlineData("ExpireWhere", "hidden=true, HIDDEN = false", "Comments:Django:ExpireWhere names hidden twice.")]
    [InlineData("ExpireWhere", "parent_id=1 OR 1", "Comments:Django:ExpireWhere has 'parent_id=1 OR 1', and parent_id is INTEGER in shop_note. Allowed: a whole number, such as parent_id=1, or parent_id=null.")]
    [InlineData("ExpireWhere", "body=x", "Comments:Django:ExpireWhere names body, which is Comments:Django:Text. Allowed: another column.")]
    public async Task What_does_not_fit_is_named_with_what_to_do(string setting, string value, string line)
    {
        await MakeAsync();

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(Settings((setting, value))));

        Assert.Contains(failure.Failures, problem => problem.StartsWith(line, StringComparison.Ordinal));
        Assert.Equal("3", await ScalarAsync("SELECT count(*) FROM shop_note"));
        Assert.Equal(setting is not ("Dependents" or "TimeZone" or "Where" or "ExpireWhere"), failure.Failures.All(problem => problem.EndsWith("To see what could be meant: run DescribeSite.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_old_names_of_settings_lead_to_the_new_ones()
    {
        await MakeAsync();
        var settings = Settings();
        (settings["Comments:DjangoTable"], settings["Comments:DjangoTimeZone"]) = ("shop_note", "UTC");

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(settings));

        Assert.Contains(failure.Failures, line => line.StartsWith("Comments:DjangoTable is no setting. The nearest one is Comments:Django:Table:", StringComparison.Ordinal));
        Assert.Contains(failure.Failures, line => line.StartsWith("Comments:DjangoTimeZone is no setting. The nearest one is Comments:Django:TimeZone:", StringComparison.Ordinal));
    }

    /// <summary>Also by a column that refers to comments without being a foreign key, and to rows that refer to it in turn.</summary>
    [Fact]
    public async Task What_is_named_goes_with_its_comment_or_forgets_it()
    {
        await MakeAsync();
        await using var app = await TestApp.StartAsync(Settings(("Dependents", "shop_note.parent_id=null, shop_like.note_id, shop_visit.note")));
        Assert.Equal("Last comment for ann@example.org was young", await app.AskAsync("ann@example.org"));
        Assert.Equal(["ann@example.org: young"], await app.ListRecentAsync());

        Assert.Equal(2, (await app.ExpireAsync()).Deleted);

        Assert.Equal("young ", await ScalarAsync("SELECT group_concat(body || ' ' || ifnull(parent_id, '')) FROM shop_note"));
        Assert.Equal("of the young", await ScalarAsync("SELECT group_concat(what) FROM shop_like"));
        Assert.Equal("8", await ScalarAsync("SELECT group_concat(id) FROM shop_visit"));
    }

    private Dictionary<string, string?> Settings(params (string Setting, string Value)[] others)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Comments:Schema"] = "Django",
            ["Comments:ConnectionString"] = File,
            ["Comments:CreateSchema"] = "true",
            ["Comments:Django:Table"] = "shop_note",
            ["Comments:Django:User"] = "writer_id",
            ["Comments:Django:Time"] = "made",
            ["Comments:Django:Text"] = "body",
            ["Comments:Django:UserTable"] = "shop_user",
            ["Comments:Django:UserKey"] = "uuid",
            ["Comments:Django:UserName"] = "mail",
            ["Comments:Django:TimeZone"] = "UTC",
            ["Comments:Django:Dependents"] = "shop_note.parent_id=null, shop_like.note_id",
        };
        foreach (var (setting, value) in others)
        {
            settings[$"Comments:Django:{setting}"] = value;
        }

        return settings;
    }

    // Of three notes one of a user and one of nobody are old; the young one answers the first.
    private Task<string?> MakeAsync() => ScalarAsync("""
        CREATE TABLE shop_user (uuid char(32) PRIMARY KEY, mail varchar(254) NOT NULL);
        CREATE TABLE shop_note (id integer PRIMARY KEY, writer_id char(32) NULL REFERENCES shop_user (uuid), made datetime NOT NULL, body text NOT NULL,
            parent_id integer NULL REFERENCES shop_note (id), hidden bool NOT NULL DEFAULT 0);
        CREATE TABLE shop_like (id integer PRIMARY KEY, note_id integer NOT NULL REFERENCES shop_note, what text);
        CREATE TABLE shop_visit (id integer PRIMARY KEY, note integer NOT NULL);
        INSERT INTO shop_user VALUES ('00112233445566778899aabbccddeeff', 'ann@example.org');
        INSERT INTO shop_note VALUES (1, '00112233445566778899aabbccddeeff', '2026-01-13 12:00:00', 'old', NULL, 0),
            (2, NULL, '2026-01-12 12:00:00', 'of nobody', NULL, 0), (3, '00112233445566778899aabbccddeeff', '2026-01-15 11:59:00', 'young', 1, 0);
        INSERT INTO shop_like VALUES (1, 1, 'of the old'), (2, 2, 'of nobody'), (3, 3, 'of the young');
        INSERT INTO shop_visit VALUES (7, 1), (8, 3);
        """);

    private async Task<string?> ScalarAsync(string sql)
    {
        await using var connection = new SqliteConnection(File + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own texts.
        command.CommandText = sql;
#pragma warning restore CA2100
        return $"{await command.ExecuteScalarAsync()}";
    }
}

/// <summary>A site on PostgreSQL whose times have no zone, as other programs than Django make them.</summary>
[Requires(Reachable.Postgres)]
public sealed class TimesWithoutZoneTests : IAsyncLifetime
{
    private PostgresDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = await PostgresDatabase.CreateAsync();
        // Half past twelve in Berlin.
        await database.RunAsync("""
            CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150));
            CREATE TABLE comments_comment (id integer PRIMARY KEY, user_id integer, "timestamp" timestamp NOT NULL, text varchar(1024));
            INSERT INTO auth_user VALUES (1, 'ann');
            INSERT INTO comments_comment VALUES (1, 1, '2026-07-15 12:30:00.000001', 'old')
            """);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [StoreFact]
    public async Task They_are_those_of_the_zone_that_is_set()
    {
        Dictionary<string, string?> settings = new()
        {
            ["Comments:Store"] = "Postgres",
            ["Comments:Schema"] = "Django",
            ["Comments:ConnectionString"] = database.ConnectionString,
            ["Comments:CreateSchema"] = "true",
        };
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(settings));
        Assert.StartsWith("Comments:Django:TimeZone is not set, and the times in comments_comment have no zone.", Assert.Single(failure.Failures), StringComparison.Ordinal);

        settings["Comments:Django:TimeZone"] = "Europe/Berlin";
        await using var app = await TestApp.StartAsync(settings);
        app.Clock.Now = new DateTimeOffset(2026, 7, 16, 10, 30, 0, TimeSpan.Zero);
        Assert.Equal("Last comment for ann was old", await app.AskAsync("ann", id: "web:1"));
        Assert.Equal(0, (await app.ExpireAsync()).Deleted);

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("No comments found for user ann", await app.AskAsync("ann", id: "web:2"));
        Assert.Equal(1, (await app.ExpireAsync()).Deleted);
    }
}

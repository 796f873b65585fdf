using CommentFunctions.Tests.Data.Django.Support;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace CommentFunctions.Tests.Data.Django;

/// <summary>What DescribeSite makes of databases of many forms.</summary>
public sealed class SiteCandidateTests : IDisposable
{
    private const string Users = """
        CREATE TABLE auth_user (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, password varchar(128) NOT NULL, last_login datetime NULL, username varchar(150) NOT NULL UNIQUE,
            first_name varchar(150) NOT NULL, email varchar(254) NOT NULL, date_joined datetime NOT NULL);
        CREATE TABLE auth_permission (id integer PRIMARY KEY, name varchar(255) NOT NULL);
        CREATE TABLE django_admin_log (id integer PRIMARY KEY, action_time datetime NOT NULL, object_repr varchar(200) NOT NULL, change_message text NOT NULL,
            user_id integer NOT NULL REFERENCES auth_user (id));
        CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL);
        INSERT INTO auth_user VALUES (1, '', NULL, 'ann', '', 'ann@example.org', '2020-01-01 00:00:00');
        """;

    // As Django's contributed comments have them.
    private const string Contributed = Users + """
        CREATE TABLE django_site (id integer PRIMARY KEY, domain varchar(100) NOT NULL UNIQUE, name varchar(50) NOT NULL);
        CREATE TABLE blog_post (id integer PRIMARY KEY, title varchar(200) NOT NULL, slug varchar(50) NOT NULL, body text NOT NULL, created datetime NOT NULL,
            author_id integer NOT NULL REFERENCES auth_user (id));
        CREATE TABLE django_comments (id integer PRIMARY KEY, object_pk text NOT NULL, user_name varchar(50) NOT NULL, user_email varchar(254) NOT NULL, comment text NOT NULL,
            submit_date datetime NOT NULL, ip_address char(39) NULL, is_removed bool NOT NULL, site_id integer NOT NULL REFERENCES django_site (id),
            user_id integer NULL REFERENCES auth_user (id));
        CREATE TABLE django_comment_flags (id integer PRIMARY KEY, flag varchar(30) NOT NULL, flag_date datetime NOT NULL,
            comment_id integer NOT NULL REFERENCES django_comments (id), user_id integer NOT NULL REFERENCES auth_user (id));
        INSERT INTO django_site VALUES (1, 'example.org', 'example');
        INSERT INTO django_comments VALUES (1, '1', '', '', 'old', '2026-01-01 00:00:00', NULL, 0, 1, 1), (2, '1', '', '', 'young', '2026-01-15 11:00:00', NULL, 0, 1, NULL);
        """;

    private static readonly DateTimeOffset Now = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly string folder = Directory.CreateTempSubdirectory("site-").FullName;

    private string Path => System.IO.Path.Combine(folder, "db.sqlite3");

    private Dictionary<string, string?> Settings => new() { ["Comments:Schema"] = "Django", ["Comments:ConnectionString"] = $"Data Source={Path}" };

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_likeliest_table_comes_first_and_none_of_Djangos_own_or_of_the_apps()
    {
        await RunAsync(Contributed + "CREATE TABLE commentfunctions_x (id integer PRIMARY KEY, user_id integer REFERENCES auth_user (id), t datetime, body text);");

        var described = await DescribedSite.AskAsync(Settings, Now);

        Assert.Equal(["django_comments", "blog_post", "django_comment_flags"], described.Candidates.Select(one => one.Table));
        var first = described.Candidates[0];
        Assert.Equal(("id", "user_id", "submit_date", "comment"), (first.Key, first.User, first.Time, first.Text));
        Assert.Equal(("auth_user", "id", "username"), (first.UserTable, first.UserKey, first.UserName));
        Assert.Equal(("django_comment_flags.comment_id", 2, 1, true), (first.Dependents, first.Rows, first.Expired, first.CountedAll));
        Assert.Equal(
            ["Comments__Schema=Django", "Comments__Django__Table=django_comments", "Comments__Django__Key=id", "Comments__Django__User=user_id",
             "Comments__Django__Time=submit_date", "Comments__Django__Text=comment", "Comments__Django__UserTable=auth_user", "Comments__Django__UserKey=id",
             "Comments__Django__UserName=username", "Comments__Django__Dependents=django_comment_flags.comment_id", "Comments__Django__Where=is_removed=false",
             "# UTC where USE_TZ of the site is True, else its TIME_ZONE, such as Europe/Berlin.", "Comments__Django__TimeZone=UTC"],
            first.Settings);
    }

    [Theory]
    [InlineData("CREATE TABLE shop_note (id integer PRIMARY KEY, writer_id integer NOT NULL, made datetime NOT NULL, body text NOT NULL)", "shop_note", "writer_id", "made", "body")]
    [InlineData("CREATE TABLE wall_comment (id char(32) PRIMARY KEY, removed_by_id integer REFERENCES auth_user (id), author_id integer REFERENCES auth_user (id), modified datetime, created datetime, slug text, content text)", "wall_comment", "author_id", "created", "content")]
    [InlineData("CREATE TABLE wall_comment (id varchar(10) PRIMARY KEY, user_id integer REFERENCES auth_user (id), created datetime, content text)", null, null, null, null)]
    [InlineData("CREATE TABLE wall_comment (id integer PRIMARY KEY, user_id integer REFERENCES auth_user (id), created date, content text)", null, null, null, null)]
    [InlineData("CREATE TABLE wall_comment (id integer PRIMARY KEY, user_id integer REFERENCES auth_user (id), created datetime, score integer)", null, null, null, null)]
    [InlineData("CREATE TABLE wall_comment (id integer PRIMARY KEY, user_id char(32), created datetime, content text)", null, null, null, null)]
    [InlineData("CREATE TABLE wall_comment (id integer PRIMARY KEY, page_id integer, created datetime, content text)", null, null, null, null)]
    public async Task A_table_has_to_have_a_key_a_user_a_time_and_a_text(string sql, string? table, string? user, string? time, string? text)
    {
        await RunAsync(Users + sql);

        var described = await DescribedSite.AskAsync(Settings, Now);

        var first = described.Candidates is [var best, ..] ? best : null;
        Assert.Equal((table, user, time, text), (first?.Table, first?.User, first?.Time, first?.Text));
    }

    [Fact]
    public async Task A_user_model_of_the_sites_own_is_preferred_to_other_tables_with_names()
    {
        await RunAsync("""
            CREATE TABLE people_account (uuid char(32) PRIMARY KEY, password varchar(128), last_login datetime, nickname varchar(50), email varchar(254) UNIQUE);
            CREATE TABLE wall_category (id integer PRIMARY KEY, name varchar(50) UNIQUE);
            CREATE TABLE wall_comment (id integer PRIMARY KEY, category_id integer REFERENCES wall_category (id), by_id char(32) REFERENCES people_account (uuid), made datetime, said text);
            """);

        var first = Assert.Single((await DescribedSite.AskAsync(Settings, Now)).Candidates);

        Assert.Equal(("by_id", "people_account", "uuid", "email"), (first.User, first.UserTable, first.UserKey, first.UserName));
    }

    [Fact]
    public async Task What_refers_to_a_comment_goes_with_it_or_forgets_it_and_circles_are_named()
    {
        await RunAsync(Users + """
            CREATE TABLE wall_comment (id integer PRIMARY KEY, user_id integer REFERENCES auth_user (id), created datetime, content text, parent_id integer NULL REFERENCES wall_comment (id));
            CREATE TABLE wall_like (id integer PRIMARY KEY, comment_id integer NOT NULL REFERENCES wall_comment (id));
            CREATE TABLE wall_likenote (id integer PRIMARY KEY, like_id integer NOT NULL REFERENCES wall_like (id));
            CREATE TABLE wall_gone (id integer PRIMARY KEY, comment_id integer NOT NULL REFERENCES wall_comment (id) ON DELETE CASCADE);
            """);
        var first = (await DescribedSite.AskAsync(Settings, Now)).Candidates[0];
        Assert.Equal("wall_comment.parent_id=null,wall_like.comment_id,wall_likenote.like_id", first.Dependents);
        Assert.Empty(first.Problems);

        await RunAsync("CREATE TABLE wall_circle (id integer PRIMARY KEY, like_id integer NOT NULL REFERENCES wall_like (id), own_id integer NOT NULL REFERENCES wall_circle (id))");
        var circular = (await DescribedSite.AskAsync(Settings, Now)).Candidates[0];
        Assert.StartsWith("Comments:Django:Dependents names wall_circle.own_id, by which rows go in circles.", Assert.Single(circular.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is_public bool NOT NULL, \"IS_Removed\" bool NOT NULL, likes integer NOT NULL", "is_public=true,IS_Removed=false")]
    [InlineData("deleted_at datetime NULL, approved bool NULL, hidden_reason text", "deleted_at=null,approved=true")]
    [InlineData("deleted datetime NOT NULL, removed integer NOT NULL, is_activated bool NOT NULL", null)]
    public async Task What_a_site_seems_to_hide_is_not_to_be_shown(string columns, string? where)
    {
        await RunAsync(Users + $"CREATE TABLE wall_comment (id integer PRIMARY KEY, user_id integer REFERENCES auth_user (id), created datetime, content text, {columns})");

        var first = (await DescribedSite.AskAsync(Settings, Now)).Candidates[0];

        Assert.Equal((where, 0), (first.Where, first.Problems.Count));
        Assert.Equal(where is not null, first.Settings.Contains($"Comments__Django__Where={where}"));
    }

    /// <summary>A shell runs what is pasted into it.</summary>
    [Fact]
    public async Task A_hostile_name_is_quoted_for_the_shell_and_for_the_database()
    {
        await RunAsync(Users + """
            CREATE TABLE "wall_comment""; DROP TABLE auth_user; -- $(rm x) '" (id integer PRIMARY KEY, user_id integer REFERENCES auth_user (id), created datetime, content text);
            """);

        var first = Assert.Single((await DescribedSite.AskAsync(Settings, Now)).Candidates);

        Assert.Equal("""Comments__Django__Table='wall_comment"; DROP TABLE auth_user; -- $(rm x) '\'''""", first.Settings[1]);
        Assert.Equal((0, 0, true), (first.Rows, first.Expired, first.CountedAll));
    }

    [Fact]
    public async Task A_huge_table_is_counted_in_steps_for_a_while_only()
    {
        await RunAsync(Users + """
            CREATE TABLE wall_comment (id integer PRIMARY KEY, user_id integer REFERENCES auth_user (id), created datetime, content text);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
            INSERT INTO wall_comment SELECT i, 1, CASE WHEN i % 2 THEN '2026-01-01 00:00:00' ELSE '2026-01-15 11:00:00' END, '' FROM n;
            """);

        var whole = (await DescribedSite.AskAsync(Settings, Now)).Candidates[0];
        var cut = (await DescribedSite.AnswerAsync(Settings, Now, measured: TimeSpan.FromSeconds(3))).Body.GetProperty("candidates")[0];

        Assert.Equal((50_000, 25_000), (whole.Rows, whole.Expired));
        Assert.Equal((20_000, false), (cut.GetProperty("rows").GetInt32(), cut.GetProperty("countedAll").GetBoolean()));
    }

    [Fact]
    public async Task Times_that_cannot_be_read_expire_no_row()
    {
        await RunAsync(Users + """
            CREATE TABLE wall_comment (id integer PRIMARY KEY, user_id integer REFERENCES auth_user (id), created datetime, content text);
            INSERT INTO wall_comment VALUES (1, 1, 'long ago', ''), (2, 1, NULL, '');
            """);

        var first = (await DescribedSite.AskAsync(Settings, Now)).Candidates[0];

        Assert.Equal((2, (long?)null, true), (first.Rows, first.Expired, first.CountedAll));
    }

    [Fact]
    public async Task A_sites_file_that_was_named_before_the_schema_is_described_and_the_apps_own_is_not()
    {
        await RunAsync(Contributed);
        Dictionary<string, string?> unsaid = new() { ["Comments:ConnectionString"] = $"Data Source={Path}" };
        Assert.Equal("Comments__Schema=Django", (await DescribedSite.AskAsync(unsaid, Now)).Candidates[0].Settings[0]);

        Assert.Contains("set Comments:Schema to Django", (await DescribedSite.AnswerAsync([], Now)).Problem(409), StringComparison.Ordinal);
        await RunAsync("DROP TABLE django_comment_flags; DROP TABLE django_comments; DROP TABLE blog_post");
        Assert.Contains("set Comments:Schema to Django", (await DescribedSite.AnswerAsync(unsaid, Now)).Problem(409), StringComparison.Ordinal);
        Assert.Empty((await DescribedSite.AskAsync(Settings, Now)).Candidates);
    }

    [Theory]
    [InlineData("Django")]
    [InlineData("Own")]
    public async Task No_file_is_made_where_none_is(string schema)
    {
        var settings = Settings;
        settings["Comments:Schema"] = schema;

        var answer = await DescribedSite.AnswerAsync(settings, Now);

        Assert.Contains($"leads to the file {Path}, which cannot be used", answer.Problem(503), StringComparison.Ordinal);
        Assert.False(File.Exists(Path));
    }

    /// <summary>With the names of the tutorial, which are not those of this site.</summary>
    [Fact]
    public async Task The_command_starts_on_a_site_that_does_not_fit_and_no_other_does()
    {
        await RunAsync(Contributed);
        var before = await File.ReadAllBytesAsync(Path);
        using var state = new AppFolder();
        (string, string)[] settings = [("Comments__Schema", "Django"), ("Comments__ConnectionString", $"Data Source={Path}")];

        var (exitCode, output) = await AppProcess.RunAsync(state, ["run", "describesite"], settings);
        var (refused, why) = await AppProcess.RunAsync(state, ["run", "ListRecentComments"], [.. settings, ("Comments__Django__TimeZone", "UTC")]);

        Assert.True(exitCode == 0, output);
        Assert.Contains("\"Comments__Django__Table=django_comments\",", output, StringComparison.Ordinal);
        Assert.Contains("\"Comments__Django__TimeZone=UTC\"", output, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Path));
        Assert.Equal(1, refused);
        Assert.Contains("Comments:Django:Table is 'comments_comment', and the database has no such table.", why, StringComparison.Ordinal);
        Assert.Contains("run DescribeSite", why, StringComparison.Ordinal);
    }

    private async Task RunAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own texts.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>What DescribeSite makes of a site on PostgreSQL that others are at work on.</summary>
[Requires(Reachable.Postgres)]
public sealed class SiteCandidateOnPostgresTests : IAsyncLifetime
{
    private PostgresDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = await PostgresDatabase.CreateAsync();
        await database.RunAsync("""
            CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150) UNIQUE);
            CREATE TABLE wall_comment (id uuid PRIMARY KEY, user_id integer REFERENCES auth_user (id), created timestamp NOT NULL, body text NOT NULL);
            CREATE TABLE wall_note (id bigint PRIMARY KEY, user_id integer REFERENCES auth_user (id), created timestamptz NOT NULL, body text NOT NULL);
            INSERT INTO wall_comment SELECT gen_random_uuid(), NULL, CASE WHEN i % 2 = 0 THEN '2026-01-01' ELSE '2026-01-15 11:00' END::timestamp, '' FROM generate_series(1, 40000) AS i;
            INSERT INTO wall_note VALUES (-1, NULL, '2026-01-14 12:00:00Z', ''), (1, NULL, 'infinity', ''), (2, NULL, '-infinity', '')
            """);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [StoreFact]
    public async Task A_table_that_is_locked_keeps_no_other_from_being_counted()
    {
        Dictionary<string, string?> settings = new() { ["Comments:Store"] = "Postgres", ["Comments:Schema"] = "Django", ["Comments:ConnectionString"] = database.ConnectionString };
        var now = new DateTimeOffset(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);
        var described = await DescribedSite.AskAsync(settings, now);
        Assert.Equal(
            [("wall_comment", (long?)40_000, (long?)20_000, true), ("wall_note", (long?)3, (long?)2, true)],
            described.Candidates.Select(one => (one.Table, one.Rows, one.Expired, one.CountedAll)));
        Assert.Equal([true, false], described.Candidates.Select(one => one.Settings.Contains("Comments__Django__TimeZone=UTC")));

        await using var other = new NpgsqlConnection(database.ConnectionString);
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("LOCK TABLE wall_comment IN ACCESS EXCLUSIVE MODE", other, transaction);
        await command.ExecuteNonQueryAsync();
        var beside = await DescribedSite.AskAsync(settings, now);

        Assert.Equal(
            [("wall_comment", null, null, false), ("wall_note", (long?)3, (long?)2, true)],
            beside.Candidates.Select(one => (one.Table, one.Rows, one.Expired, one.CountedAll)));
        Assert.StartsWith("The rows of wall_comment could not be counted: ", Assert.Single(beside.Candidates[0].Problems), StringComparison.Ordinal);
    }
}

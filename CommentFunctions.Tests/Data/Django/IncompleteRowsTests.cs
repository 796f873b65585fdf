using CommentFunctions.Tests.Data.Django.Support;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Data.Django;

public sealed class IncompleteRowsOnSqliteTests() : IncompleteRowsTests(onPostgres: false);

[Requires(Reachable.Postgres)]
public sealed class IncompleteRowsOnPostgresTests() : IncompleteRowsTests(onPostgres: true);

/// <summary>Sites whose columns may be null: comments of visitors, of a picture without a text, or not published yet, and users without an address.</summary>
public abstract class IncompleteRowsTests(bool onPostgres) : IAsyncLifetime
{
    private SiteDatabase site = null!;

    public async Task InitializeAsync() => site = await SiteDatabase.CreateAsync(onPostgres, """
        CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150) NULL UNIQUE);
        CREATE TABLE comments_comment (id integer PRIMARY KEY, user_id integer NULL, "timestamp" timestamp NULL, text text NULL);
        INSERT INTO auth_user VALUES (1, 'ann'), (2, NULL), (3, 'bob');
        INSERT INTO comments_comment VALUES (1, 1, '2026-01-15 11:00:00', 'of ann'), (2, 3, '2026-01-15 11:00:00', NULL), (3, 3, NULL, 'not yet'),
            (4, 2, '2026-01-15 11:00:00', 'without a name'), (5, NULL, '2026-01-15 11:00:00', 'of nobody'), (6, NULL, NULL, NULL);
        """);

    public async Task DisposeAsync() => await site.DisposeAsync();

    [StoreFact]
    public async Task What_is_there_is_shown_and_deleted()
    {
        await using var app = await SiteModels.StartAsync(site.AppSettings);

        Assert.Equal(["bob: ", "ann: of ann"], await app.ListRecentAsync());
        Assert.Equal([""], await app.ListAsync("bob"));
        Assert.Equal("Last comment for bob was ", await app.AskAsync("bob", id: "web:1"));
        Assert.Equal("Last comment for ann was of ann", await app.AskAsync("ann", id: "web:2"));

        app.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(4, (await app.ExpireAsync(dryRun: true)).Deleted);
        Assert.Equal(4, (await app.ExpireAsync()).Deleted);
        Assert.Equal(["3", "6"], await site.RunAsync("SELECT CAST(id AS varchar(9)) FROM comments_comment ORDER BY id"));
    }

    /// <summary>More than a page of them.</summary>
    [StoreFact]
    public async Task Comments_of_visitors_hide_no_users_comment()
    {
        await site.RunAsync("""
            WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
            INSERT INTO comments_comment SELECT i, NULL, '2026-01-15 11:30:00', 'of a visitor' FROM n
            """);
        await using var app = await SiteModels.StartAsync(site.AppSettings);

        Assert.Equal(["bob: ", "ann: of ann"], await app.ListRecentAsync(2));
    }
}

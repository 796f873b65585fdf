using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Django.Support;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CommentFunctions.Tests.Data.Django;

public sealed class SiteConditionOnSqliteTests() : SiteConditionTests(onPostgres: false);

/// <summary>The tables have nothing that refers to a comment, so that without a condition they would be deleted page by page.</summary>
[Requires(Reachable.Postgres)]
public sealed class SiteConditionOnPostgresTests() : SiteConditionTests(onPostgres: true);

/// <summary>Conditions of each type, on a site of which each comment is there twice, old and young.</summary>
public abstract class SiteConditionTests(bool onPostgres) : IAsyncLifetime
{
    private static readonly string[] Texts = ["a old", "b old", "c old", "a young", "b young", "c young"];

    private SiteDatabase site = null!;

    public async Task InitializeAsync() => site = await SiteDatabase.CreateAsync(onPostgres, """
        CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150) NOT NULL);
        CREATE TABLE comments_comment (id integer PRIMARY KEY, user_id integer NULL, "timestamp" timestamp NOT NULL, text text NOT NULL,
            hidden boolean NOT NULL, seen boolean NULL, "the ""score" smallint NOT NULL, state varchar(9) NULL, gone_at timestamp NULL, tags decimal NOT NULL);
        INSERT INTO auth_user VALUES (1, 'ann');
        INSERT INTO comments_comment VALUES
            (1, 1, '2026-01-13 12:00:00', 'a old', false, NULL, -1, 'public', NULL, 1), (2, 1, '2026-01-13 12:00:00', 'b old', true, true, 2, 'it''s', NULL, 1),
            (3, 1, '2026-01-13 12:00:00', 'c old', false, false, 2, NULL, '2026-01-13 13:00:00', 1), (4, 1, '2026-01-15 11:00:00', 'a young', false, NULL, -1, 'public', NULL, 1),
            (5, 1, '2026-01-15 11:00:00', 'b young', true, true, 2, 'it''s', NULL, 1), (6, 1, '2026-01-15 11:00:00', 'c young', false, false, 2, NULL, '2026-01-15 11:30:00', 1);
        """);

    public async Task DisposeAsync() => await site.DisposeAsync();

    [StoreTheory]
    [InlineData("hidden=false, the \"score=2", "c")]
    [InlineData(" hidden = TRUE ", "b")]
    [InlineData("seen=false", "c")]
    [InlineData("seen=null", "a")]
    [InlineData("the \"score=-1", "a")]
    [InlineData("the \"score=9223372036854775807", "")]
    [InlineData("state=it's", "b")]
    [InlineData("state=NULL", "c")]
    [InlineData("state=\\' OR 1=1; DROP TABLE comments_comment; --", "")]
    [InlineData("state=", "")]
    [InlineData("hidden=false, gone_at=null", "a")]
    public async Task Shown_and_deleted_are_the_comments_for_which_every_pair_is_true(string condition, string fulfil)
    {
        var names = fulfil.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await using (var all = await StartAsync())
        {
            Assert.Equal(3, (await all.ListRecentAsync()).Count);
        }

        await using var app = await StartAsync(("Where", condition), ("ExpireWhere", condition));

        Assert.Equal(names.Reverse().Select(name => $"ann: {name} young"), await app.ListRecentAsync());
        Assert.Equal(names.Reverse().Select(name => $"{name} young"), await app.ListAsync("ann"));
        Assert.Equal(names.Length == 0 ? "No comments found for user ann" : $"Last comment for ann was {names[^1]} young", await app.AskAsync("ann"));
        Assert.Equal(names.Length, (await app.ExpireAsync(dryRun: true)).Deleted);
        Assert.Equal(names.Length, (await app.ExpireAsync()).Deleted);
        Assert.Equal(Texts.Except(names.Select(name => $"{name} old")), await site.RunAsync("SELECT text FROM comments_comment ORDER BY id"));
    }

    [StoreTheory]
    [InlineData("state='public'", " Allowed: a text without quotes, such as state=public, or state=null.")]
    [InlineData("state=a\0b", " Allowed: a text without quotes, such as state=public, or state=null.")]
    [InlineData("state=public, hidden", "Comments:Django:ExpireWhere has 'hidden', which is no pair.")]
    [InlineData("the \"score=99999999999999999999", " Allowed: a whole number, such as the \"score=1.")]
    [InlineData("tags=1", " NOT NULL in comments_comment. Allowed: a column that is a boolean, an integer or a text.")]
    [InlineData("gone_at=2026-01-13", " Allowed: a column that is a boolean, an integer or a text, or gone_at=null.")]
    public async Task What_can_be_no_condition_ends_the_start(string condition, string part)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(("ExpireWhere", condition)));

        Assert.Contains(part, Assert.Single(failure.Failures), StringComparison.Ordinal);
    }

    private Task<TestApp> StartAsync(params (string Setting, string Value)[] conditions)
    {
        var settings = site.AppSettings;
        foreach (var (setting, value) in conditions)
        {
            settings[$"Comments:Django:{setting}"] = value;
        }

        return SiteModels.StartAsync(settings);
    }
}

[Requires(Reachable.Django)]
public sealed class RemovedReviewsOnSqliteTests(MigratedSite migrated) : RemovedReviewsTests(migrated, onPostgres: false);

[Requires(Reachable.Postgres, Reachable.Django, Reachable.Psycopg)]
public sealed class RemovedReviewsOnPostgresTests(MigratedSite migrated) : RemovedReviewsTests(migrated, onPostgres: true)
{
    /// <summary>As by a moderator who removes a review while a step of the deletion goes from one table to the next.</summary>
    [StoreFact]
    public async Task One_that_is_removed_during_a_step_stays_for_the_next_run_with_what_refers_to_it()
    {
        await Site.WriteAsync(("ann", "kept", Now.AddDays(-3)));
        await Site.WriteRemovedAsync(("ann", "gone", Now.AddDays(-2)));
        await using (var connection = new NpgsqlConnection(Site.ConnectionString + ";Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("""
                CREATE FUNCTION moderate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE reviews_review SET is_removed = true; RETURN NULL; END $$;
                CREATE TRIGGER moderates AFTER DELETE ON reviews_flagnote FOR EACH STATEMENT EXECUTE FUNCTION moderate()
                """, connection);
            await command.ExecuteNonQueryAsync();
        }

        await using var app = await StartAsync();
        Assert.Equal((RunOutcome.Succeeded, 1), await RunAsync(app));

        Assert.Contains("'kept'", Assert.Single(await Site.RowsAsync(Site.Table)), StringComparison.Ordinal);
        Assert.Equal((2, 1), ((await Site.RowsAsync("reviews_flag")).Count, (await Site.RowsAsync("reviews_flagnote")).Count));
        Assert.Single(await Site.RowsAsync("reviews_bookmark"), row => row.EndsWith("None]", StringComparison.Ordinal));
        Assert.Equal((RunOutcome.Succeeded, 1), await RunAsync(app));
    }

    private static async Task<(RunOutcome Outcome, long Deleted)> RunAsync(TestApp app)
    {
        var run = await app.ExpireAsync();
        return (run.Outcome, run.Deleted);
    }
}

/// <summary>A site whose moderators remove reviews, of which only those are to be deleted, beside the site's own command.</summary>
public abstract class RemovedReviewsTests(MigratedSite migrated, bool onPostgres) : IClassFixture<MigratedSite>, IAsyncLifetime
{
    private protected static readonly DateTimeOffset Now = new(2026, 7, 15, 12, 0, 0, TimeSpan.Zero);

    private protected DjangoSite Site { get; private set; } = null!;

    public async Task InitializeAsync() => Site = await migrated.CopyAsync(onPostgres, usesTz: true, DjangoSite.Reviews);

    public async Task DisposeAsync() => await Site.DisposeAsync();

    [StoreFact]
    public async Task They_alone_go_and_the_others_alone_are_shown()
    {
        await Site.WriteAsync(("ann", "old", Now.AddDays(-2)), ("ann", "young", Now.AddHours(-2)), ("", "of nobody", Now.AddDays(-2)));
        await Site.WriteRemovedAsync(("ann", "removed and old", Now.AddDays(-2)), ("", "of nobody, removed", Now.AddDays(-1)), ("ann", "removed", Now.AddHours(-1)), ("bob", "only", Now));
        await using var copy = await Site.CopyAsync();
        Assert.Equal(2, await copy.DeleteOldAsync(Now, "--removed"));

        await using var app = await StartAsync();
        Assert.Equal("Last comment for ann was young", await app.AskAsync("ann", id: "web:1"));
        Assert.Equal("No comments found for user bob", await app.AskAsync("bob", id: "web:2"));
        Assert.Equal(["young"], await app.ListAsync("ann"));
        Assert.Equal(200, (await app.ListPageAsync("bob")).Status);
        Assert.Equal(["ann: young"], await app.ListRecentAsync());
        Assert.Equal(2, (await app.ExpireAsync(dryRun: true)).Deleted);
        Assert.Equal(2, (await app.ExpireAsync()).Deleted);

        Assert.Equal(await copy.DumpAsync(), await Site.DumpAsync());
    }

    private protected async Task<TestApp> StartAsync()
    {
        var app = await SiteModels.StartAsync(new(Site.AppSettings) { ["Comments:Django:ExpireWhere"] = "is_removed=true" });
        app.Clock.Now = Now;
        return app;
    }
}

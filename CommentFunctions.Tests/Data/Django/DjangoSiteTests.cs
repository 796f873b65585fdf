using CommentFunctions.Comments;
using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Django.Support;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Data.Django;

[Requires(Reachable.Django)]
public sealed class UtcTutorialOnSqliteTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Tutorials, onPostgres: false, usesTz: true);

[Requires(Reachable.Django)]
public sealed class LocalTimeTutorialOnSqliteTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Tutorials, onPostgres: false, usesTz: false);

[Requires(Reachable.Postgres, Reachable.Django, Reachable.Psycopg)]
public sealed class UtcTutorialOnPostgresTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Tutorials, onPostgres: true, usesTz: true);

[Requires(Reachable.Postgres, Reachable.Django, Reachable.Psycopg)]
public sealed class LocalTimeTutorialOnPostgresTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Tutorials, onPostgres: true, usesTz: false);

[Requires(Reachable.Django)]
public sealed class UtcReviewsOnSqliteTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Reviews, onPostgres: false, usesTz: true);

[Requires(Reachable.Django)]
public sealed class LocalTimeReviewsOnSqliteTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Reviews, onPostgres: false, usesTz: false);

[Requires(Reachable.Postgres, Reachable.Django, Reachable.Psycopg)]
public sealed class UtcReviewsOnPostgresTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Reviews, onPostgres: true, usesTz: true);

[Requires(Reachable.Postgres, Reachable.Django, Reachable.Psycopg)]
public sealed class LocalTimeReviewsOnPostgresTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Reviews, onPostgres: true, usesTz: false);

[Requires(Reachable.DjangoComments)]
public sealed class UtcContributedOnSqliteTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Contributed, onPostgres: false, usesTz: true);

[Requires(Reachable.DjangoComments)]
public sealed class LocalTimeContributedOnSqliteTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Contributed, onPostgres: false, usesTz: false);

[Requires(Reachable.Postgres, Reachable.DjangoComments, Reachable.Psycopg)]
public sealed class UtcContributedOnPostgresTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Contributed, onPostgres: true, usesTz: true);

[Requires(Reachable.Postgres, Reachable.DjangoComments, Reachable.Psycopg)]
public sealed class LocalTimeContributedOnPostgresTests(MigratedSite migrated) : DjangoSiteTests(migrated, DjangoSite.Contributed, onPostgres: true, usesTz: false);

/// <summary>The app on the database of a Django site, beside the site's own commands on a copy of that database.</summary>
public abstract class DjangoSiteTests(MigratedSite migrated, string app, bool onPostgres, bool usesTz) : IClassFixture<MigratedSite>, IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 7, 15, 12, 0, 0, TimeSpan.Zero);
    private DjangoSite site = null!;

    public async Task InitializeAsync() => site = await migrated.CopyAsync(onPostgres, usesTz, app);

    public async Task DisposeAsync() => await site.DisposeAsync();

    /// <summary>Of all tables, while the site writes on.</summary>
    [StoreFact]
    public async Task The_same_rows_are_left_and_the_same_replies_given_as_by_the_sites_own_commands()
    {
        var old = Now.AddDays(-1);
        await site.WriteAsync(
            ("ann", "long ago", old.AddDays(-300)),
            ("ann", "just expired", old),
            ("ann", "not yet, by a microsecond", old.AddMicroseconds(1)),
            ("ann", "in the next second", old.AddSeconds(1)),
            ("bob", "expired by a microsecond", old.AddMicroseconds(-1)),
            ("bob", "in the second before", old.AddSeconds(-1)),
            ("bob", "half a second before", old.AddMilliseconds(-500)),
            ("cat", "of one moment, first", Now.AddMilliseconds(-7)),
            ("cat", "of one moment, second", Now.AddMilliseconds(-7)),
            ("größe@example.org", "größer 😀 'quoted' \\ %s", Now.AddHours(-3)),
            ("without", null, Now));
        var expired = 5;
        if (app != DjangoSite.Tutorials)
        {
            await site.WriteAsync(("", "of nobody", old), ("", "of nobody, young", Now));
            await site.WriteRemovedAsync(("bob", "removed long ago", old.AddDays(-1)), ("dan", "removed as well", Now), ("ann", "removed", Now.AddHours(-1)));
            expired = 7;
        }

        (string, string?, DateTimeOffset)[] meanwhile = [("bob", "written meanwhile", Now.AddMinutes(-1)), ("cat", "written before", Now.AddHours(-2))];
        await using var copy = await site.CopyAsync();
        await copy.WriteAsync(meanwhile);
        Assert.Equal(expired, await copy.DeleteOldAsync(Now));

        await using var running = await StartAsync(Now);
        Assert.Equal(expired, (await running.ExpireAsync(dryRun: true)).Deleted);
        var writing = site.WriteAsync(meanwhile);
        Assert.Equal(expired, (await running.ExpireAsync()).Deleted);
        await writing;

        Assert.Equal(await copy.DumpAsync(), await site.DumpAsync());
        string[] users = ["ann", "Ann", "bob", "cat", "größe@example.org", "dan", "without", "nobody"];
        List<string> replies = [];
        foreach (var user in users)
        {
            replies.Add(await running.AskAsync(user, id: $"web:{user}"));
        }

        Assert.Equal(await copy.RepliesAsync(users), replies);
        Assert.Equal("Last comment for cat was of one moment, second", replies[3]);
    }

    [StoreFact]
    public async Task Expired_comments_are_quoted_and_listed_by_nobody_also_before_they_are_deleted()
    {
        await site.WriteAsync(("ann", "older", Now.AddDays(-1).AddSeconds(-1)), ("ann", "old", Now.AddDays(-1).AddMilliseconds(1)));
        await using var app = await StartAsync(Now);
        Assert.Equal("Last comment for ann was old", await app.AskAsync("ann", id: "web:1"));
        Assert.Equal(["old"], await app.ListAsync("ann", 10));
        Assert.Equal(["ann: old"], await app.ListRecentAsync());

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("No comments found for user ann", await app.AskAsync("ann", id: "web:2"));
        Assert.Empty(await app.ListAsync("ann", 10));
        Assert.Empty(await app.ListRecentAsync());
    }

    [StoreFact]
    public async Task Users_are_found_whatever_their_names_are()
    {
        // Those of Django's own validator, and those that an import makes beside it.
        string[] names = ["田中〇", "𠮷野", string.Concat(Enumerable.Repeat("𠮷", 150)), "john smith", "o'brien", "a/b", "100%", "\"; --"];
        await site.WriteAsync([.. names.Select(name => (name, (string?)"by " + name, Now.AddHours(-1)))]);
        await using var app = await StartAsync(Now);

        foreach (var (i, name) in names.Index())
        {
            Assert.Equal($"Last comment for {name} was by {name}", await app.AskAsync(name, id: $"web:{i}"));
            // As a route has it.
            var listed = await app.ListPageAsync(name.Replace("/", "%2F", StringComparison.Ordinal));
            Assert.Equal((200, name), (listed.Status, listed.Text("userName")));
        }

        foreach (var name in new[] { new string('x', 255), "a\0b", "\ud83d" })
        {
            Assert.StartsWith("No comments found", await app.AskAsync(name, id: "web:no"), StringComparison.Ordinal);
            (await app.ListPageAsync(name)).Problem(400);
        }
    }

    [StoreFact]
    public async Task Pages_join_also_among_comments_of_one_millisecond()
    {
        await site.WriteAsync([.. Enumerable.Range(0, 12).Select(i =>
            ("ann", (string?)$"{i}", Now.AddHours(-1).AddMicroseconds(i / 2 * 250)))]);
        await using var app = await StartAsync(Now);
        Assert.Equal(["ann: 11", "ann: 10"], await app.ListRecentAsync(2));

        Assert.Equal(Enumerable.Range(0, 12).Reverse().Select(i => $"{i}"), await app.ListAsync("ann", 1));
        (await app.ListPageAsync("bob")).Problem(404);
    }

    [StoreFact]
    public async Task Runs_at_once_delete_and_count_each_comment_once_among_others_that_stay()
    {
        await site.FillAsync(3_000, Now.AddDays(-2), Now);
        await using var running = await StartAsync(Now);

        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => running.ExpireAsync())));

        Assert.Equal(2_000, runs.Sum(r => r.Deleted));
        Assert.Equal(1_000, (await site.RowsAsync(site.Table)).Count);
        Assert.True(site.FlagTable is null || (await site.RowsAsync(site.FlagTable)).Count == 1_000);
    }

    /// <summary>Also once the app's tables were removed, as docs/django.md says.</summary>
    [StoreFact]
    public async Task Nothing_of_the_site_is_altered_and_what_is_added_bears_the_apps_name()
    {
        var (before, empty) = (await site.StructureAsync(), await site.DumpAsync());
        await site.CheckMigrationsAsync();
        Assert.Contains(empty, row => row.StartsWith("django_migrations ", StringComparison.Ordinal) && row.Contains("'contenttypes'", StringComparison.Ordinal));
        await site.WriteAsync(("ann", null, Now));
        var users = await site.DumpAsync();
        Assert.NotEqual(empty, users);
        await site.WriteAsync(("ann", "old", Now.AddDays(-2)), ("ann", "as old", Now.AddDays(-2)));
        await using (var running = await StartAsync(Now))
        {
            await running.AskAsync("ann");
            Assert.Equal((RunOutcome.Succeeded, 2), (await running.ExpireAsync()) is var run ? (run.Outcome, run.Deleted) : default);
        }

        var added = await site.StructureAsync();
        Assert.Equal(before, added.Where(row => !row.Contains("commentfunctions_", StringComparison.Ordinal)));
        Assert.Contains(added, row => row.Contains("commentfunctions_expiry_runs", StringComparison.Ordinal));
        // A bookmark stays without its review.
        Assert.Equal(users, (await site.DumpAsync()).Where(row => !row.StartsWith("reviews_bookmark ", StringComparison.Ordinal)));
        await site.CheckMigrationsAsync();

        foreach (var statement in (await File.ReadAllLinesAsync(Repository.File("docs/django.md"))).Where(line => line.StartsWith("    DROP TABLE", StringComparison.Ordinal)))
        {
            await site.ExecuteAsync(statement);
        }

        Assert.Equal(before, await site.StructureAsync());
        await site.CheckMigrationsAsync();
    }

    /// <summary>By nothing more than where its database is, and without a trace there.</summary>
    [StoreFact]
    public async Task The_site_is_described_by_settings_with_which_the_app_starts_and_deletes()
    {
        await site.FillAsync(300, Now.AddDays(-2), Now);
        var before = await site.StructureAsync();
        var settings = site.AppSettings.Where(setting => setting.Key is "Comments:Store" or "Comments:ConnectionString" or "Comments:Schema").ToDictionary();

        var described = await DescribedSite.AskAsync(settings, Now);

        var candidate = described.Candidates[0];
        Assert.Equal((300, 200, true), (candidate.Rows, candidate.Expired, candidate.CountedAll));
        Assert.Equal(before, await site.StructureAsync());
        Assert.Empty(candidate.Problems);
        settings["Comments:CreateSchema"] = "true";
        foreach (var (name, value) in DescribedSite.SettingsOf(candidate))
        {
            settings[name] = value;
        }

        foreach (var (name, otherwise) in new[] { ("Table", site.Table), ("User", "user_id"), ("Time", "timestamp"), ("Text", "text"), ("UserTable", "auth_user"), ("UserName", "username") })
        {
            Assert.Equal(site.AppSettings.GetValueOrDefault($"Comments:Django:{name}", otherwise), settings[$"Comments:Django:{name}"]);
        }

        Assert.Equal(Sorted("Dependents", site.AppSettings), Sorted("Dependents", settings));
        Assert.Equal(Sorted("Where", site.AppSettings), Sorted("Where", settings));
        Assert.Equal(onPostgres ? null : "UTC", settings.GetValueOrDefault("Comments:Django:TimeZone"));
        await using var app = await SiteModels.StartAsync(settings);
        app.Clock.Now = Now;
        Assert.Equal(200, (await app.ExpireAsync()).Deleted);
        Assert.Equal(100, (await site.RowsAsync(site.Table)).Count);

        static IEnumerable<string> Sorted(string setting, Dictionary<string, string?> settings) =>
            (settings.GetValueOrDefault($"Comments:Django:{setting}") ?? "").Split(',', StringSplitOptions.TrimEntries).Order();
    }

    [StoreFact]
    public async Task A_comment_is_posted_on_the_site_not_here()
    {
        await using var app = await StartAsync(Now);

        var answer = await app.SendAsync<CommentsApi>(
            HttpCalls.Post("/api/comments", """{"userName": "ann", "text": "here"}"""), (api, request) => api.PostAsync(request, default));

        Assert.Contains("Post the comment there", answer.Problem(409), StringComparison.Ordinal);
        Assert.Empty(await site.RowsAsync(site.Table));
    }

    // Berlin sets its clocks back at 01:00 UTC on 25 October 2026, so 02:00 to 03:00 comes twice, and forward on 29 March.
    [StoreFact]
    public async Task On_days_when_clocks_are_set_no_comment_vanishes_before_it_is_a_day_old()
    {
        foreach (var change in new[] { new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), new(2026, 10, 25, 1, 0, 0, TimeSpan.Zero) })
        {
            DateTimeOffset[] times = [.. Enumerable.Range(-5, 10).Select(i => change.AddMinutes(20 * i).AddMicroseconds(i % 2 * 500))];
            await site.WriteAsync([.. times.Select(at => ("ann", (string?)$"{at:O}", at))]);
            await using var app = await StartAsync(change.AddHours(22));
            // Nobody else writes for whom its steps would have to wait.
            app.Clock.Haste = 100;
            for (var now = change.AddHours(22); now <= change.AddHours(27); now += TimeSpan.FromMinutes(10))
            {
                app.Clock.Now = now;
                await app.ExpireAsync();
                var left = await app.ListAsync("ann", 100);

                var young = times.Where(at => now - at < TimeSpan.FromDays(1)).Select(at => $"{at:O}");
                Assert.Empty(young.Except(left));
                // Of what is old only the first of the two equal hours may stay, for an hour.
                var first = times.Where(at => change.Month == 10 && at < change && at >= change.AddHours(-1) && now - at < TimeSpan.FromHours(25));
                Assert.Empty(left.Except(young).Except(usesTz ? [] : first.Select(at => $"{at:O}")));
            }

            Assert.Empty(await site.RowsAsync(site.Table));
        }
    }

    private async Task<TestApp> StartAsync(DateTimeOffset now)
    {
        var app = await SiteModels.StartAsync(site.AppSettings);
        app.Clock.Now = now;
        return app;
    }
}

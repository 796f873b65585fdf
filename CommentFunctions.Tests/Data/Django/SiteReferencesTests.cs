using System.Data.Common;
using CommentFunctions.Data.Django;
using CommentFunctions.Tests.Data.Django.Support;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Data.Django;

public sealed class SiteReferencesOnSqliteTests() : SiteReferencesTests(onPostgres: false);

[Requires(Reachable.Postgres)]
public sealed class SiteReferencesOnPostgresTests() : SiteReferencesTests(onPostgres: true);

/// <summary>References as fields with a <c>to_field</c> and tables that extend the comments' make them: by other columns than the key, and by keys of their own.</summary>
public abstract class SiteReferencesTests(bool onPostgres) : IAsyncLifetime
{
    private const string All = "wall_answer.comment_id,wall_answerlog.answer_id,wall_rated.comment_ptr_id,wall_rated_tags.rated_id";

    private SiteDatabase site = null!;

    public async Task InitializeAsync() => site = await SiteDatabase.CreateAsync(onPostgres, """
        CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150) NOT NULL UNIQUE);
        CREATE TABLE comments_comment (id integer PRIMARY KEY, user_id integer NULL REFERENCES auth_user (id), "timestamp" timestamp NOT NULL, text text NOT NULL,
            "the slug" char(4) NOT NULL UNIQUE);
        CREATE TABLE wall_answer (id integer PRIMARY KEY, code integer NOT NULL UNIQUE, comment_id char(4) NOT NULL REFERENCES comments_comment ("the slug"));
        CREATE TABLE wall_answerlog (id integer PRIMARY KEY, answer_id integer NOT NULL REFERENCES wall_answer (code));
        CREATE TABLE wall_rated (comment_ptr_id integer PRIMARY KEY REFERENCES comments_comment (id), stars integer);
        CREATE TABLE wall_rated_tags (id integer PRIMARY KEY, rated_id integer NOT NULL REFERENCES wall_rated (comment_ptr_id));
        INSERT INTO auth_user VALUES (1, 'ann');
        INSERT INTO comments_comment VALUES (1, 1, '2026-01-13 12:00:00', 'old', 'aaaa'), (2, 1, '2026-01-15 11:00:00', 'young', 'bbbb');
        INSERT INTO wall_answer VALUES (1, 101, 'aaaa'), (2, 102, 'bbbb'), (3, 103, 'aaaa');
        INSERT INTO wall_answerlog VALUES (1, 101), (2, 102), (3, 103);
        INSERT INTO wall_rated VALUES (1, 5), (2, 5);
        INSERT INTO wall_rated_tags VALUES (1, 1), (2, 2);
        """);

    public async Task DisposeAsync() => await site.DisposeAsync();

    [StoreFact]
    public async Task What_refers_by_another_column_goes_as_well()
    {
        var app = await DescribedSite.AskAsync(site.AppSettings, new DateTimeOffset(2026, 1, 15, 12, 0, 0, TimeSpan.Zero));
        Assert.Equal(All, app.Candidates[0].Dependents);
        Assert.Empty(app.Candidates[0].Problems);

        await using var running = await SiteModels.StartAsync(new(site.AppSettings) { ["Comments:Django:Dependents"] = All });
        Assert.Equal(1, (await running.ExpireAsync()).Deleted);

        foreach (var table in new[] { "comments_comment", "wall_answer", "wall_answerlog", "wall_rated_tags" })
        {
            Assert.Equal(["2"], await site.RunAsync($"SELECT CAST(id AS varchar(9)) FROM {table}"));
        }
    }

    /// <summary>As after a migration that comes while the app runs: the last statement of the step fails, and the site keeps all.</summary>
    [StoreFact]
    public async Task A_step_that_fails_takes_nothing_along_and_its_rows_are_not_logged_as_gone()
    {
        var log = new LogLines(typeof(DjangoSchema).FullName);
        await using var app = await SiteModels.StartAsync(new(site.AppSettings) { ["Comments:Django:Dependents"] = All }, log);
        await site.RunAsync("CREATE TABLE wall_late (comment_id integer NOT NULL REFERENCES comments_comment (id)); INSERT INTO wall_late VALUES (1)");

        await Assert.ThrowsAnyAsync<DbException>(() => app.ExpireAsync());

        Assert.Equal(["1", "2", "3"], await site.RunAsync("SELECT CAST(id AS varchar(9)) FROM wall_answer ORDER BY id"));
        Assert.Empty(log.Lines);
        await site.RunAsync("DELETE FROM wall_late");
        Assert.Equal(1, (await app.ExpireAsync()).Deleted);
        Assert.Contains("With the expired comments went 2 rows or references of wall_answer.comment_id.", log.Lines);
    }

    [StoreFact]
    public async Task One_that_is_not_named_ends_the_start()
    {
        foreach (var name in All.Split(','))
        {
            var others = string.Join(',', All.Split(',').Where(other => other != name));

            var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => SiteModels.StartAsync(new(site.AppSettings) { ["Comments:Django:Dependents"] = others }));

            Assert.Contains(failure.Failures, line => line.StartsWith($"{name} refers to ", StringComparison.Ordinal));
        }
    }
}

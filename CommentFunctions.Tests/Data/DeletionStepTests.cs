using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Data;

/// <summary>However a deletion's rows lie, and whatever ends a statement, its steps are short enough.</summary>
public sealed class SqliteDeletionStepTests
{
    [Fact]
    public async Task Rows_of_one_time_are_deleted_in_steps_too()
    {
        var left = new List<int>();
        TestApp? started = null;
        await using var app = started = await TestApp.StartAsync(store: inner => new DisturbedStore(
            inner, afterStep: () => left.Add(started!.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync()).GetAwaiter().GetResult())));
        await app.WithAsync<CommentDbContext>(db => db.Database.ExecuteSqlAsync($"""
            INSERT INTO "Users" ("UserName") VALUES ('ann');
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 20010)
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
                SELECT printf('00000000-0000-7000-8000-%012X', i), 'ann', {app.Clock.Now.ToUnixTimeMilliseconds()} + max(0, i - 20000), 'text ' || i FROM n
            """));
        app.Clock.Advance(TimeSpan.FromDays(2));

        var run = await app.ExpireAsync();

        // The first step is of 1,000, and the next ones are a little longer while a writer may come.
        Assert.Equal((20_010, 19_010, 0), (run.Deleted, left[0], left[^1]));
        Assert.InRange(left.Count, 3, 40);
    }

    [Fact]
    public async Task Where_nobody_else_writes_the_steps_become_long_soon()
    {
        var steps = await StepsAsync(_ => { });

        Assert.Equal([1_000, 1_200, 1_440, 14_400], steps.Take(4));
    }

    [Fact]
    public async Task Where_somebody_else_writes_they_stay_short()
    {
        var steps = await StepsAsync(app =>
        {
            using var other = new SqliteConnection($"Data Source={app.DatabaseFile};Pooling=False");
            other.Open();
            using var write = new SqliteCommand("INSERT INTO Users (UserName) VALUES (hex(randomblob(8)))", other);
            write.ExecuteNonQuery();
        });

        Assert.All(steps.Zip(steps.Skip(1)), pair => Assert.InRange(pair.Second, 0, pair.First * 1.2));
    }

    [Fact]
    public async Task A_commit_that_takes_long_does_not_shorten_the_steps_for_ever()
    {
        var steps = await StepsAsync(_ => { }, TimeSpan.FromSeconds(20));

        Assert.Equal([1_000, 100], steps.Take(2));
        Assert.All(steps.SkipLast(1), step => Assert.InRange(step, 100, 1_000));
    }

    /// <summary>How many rows each step of a deletion has, on a clock by which each takes this long.</summary>
    private static async Task<List<int>> StepsAsync(Action<TestApp> afterStep, TimeSpan took = default)
    {
        const int Many = 20_000;
        var left = new List<int> { Many };
        TestApp? started = null;
        await using var app = started = await TestApp.StartAsync(store: inner => new DisturbedStore(inner, afterStep: () =>
        {
            left.Add(started!.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync()).GetAwaiter().GetResult());
            afterStep(started!);
        }));
        (app.Clock.Measures, app.Clock.Look) = (true, took);
        await app.WithAsync<CommentDbContext>(db => db.Database.ExecuteSqlAsync($"""
            INSERT INTO "Users" ("UserName") VALUES ('ann');
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {Many})
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
                SELECT printf('00000000-0000-7000-8000-%012X', i), 'ann', {app.Clock.Now.ToUnixTimeMilliseconds()}, 'text ' || i FROM n
            """));
        app.Clock.Advance(TimeSpan.FromDays(2));

        Assert.Equal(Many, (await app.ExpireAsync()).Deleted);

        return [.. left.Zip(left.Skip(1), (before, after) => before - after).Where(step => step > 0)];
    }
}

[Requires(Reachable.Postgres)]
public sealed class PostgresDeletionStepTests : IAsyncLifetime
{
    private const int Many = 4_000;
    private PostgresDatabase database = null!;

    public async Task InitializeAsync() => database = await PostgresDatabase.CreateAsync();

    public async Task DisposeAsync() => await database.DisposeAsync();

    // The planner's choice decides between steps by place in the file and steps along the index on the time.
    [StoreFact]
    public Task A_statement_timeout_shortens_the_steps_and_the_deletion_ends() => EndsAsync(scan: true);

    [StoreFact]
    public Task A_statement_timeout_shortens_the_steps_among_rows_of_one_time_too() => EndsAsync(scan: false);

    private async Task EndsAsync(bool scan)
    {
        await using var app = await StartAsync(scan);
        // A row takes a millisecond, all of them four seconds and more.
        await database.RunAsync("""
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.0001); RETURN OLD; END';
            CREATE TRIGGER slow BEFORE DELETE ON "Comments" FOR EACH ROW EXECUTE FUNCTION slow()
            """);
        await database.RunAsync($"ALTER DATABASE {database.Name} SET statement_timeout = '1s'");
        Npgsql.NpgsqlConnection.ClearAllPools();

        var run = await app.ExpireAsync();

        Assert.Equal((Many, RunOutcome.Succeeded), (run.Deleted, run.Outcome));
        Assert.Equal("0", (await database.RunAsync("""SELECT count(*) FROM "Comments" """))[0]);
    }

    [StoreFact]
    public async Task Where_no_step_is_short_enough_the_record_says_what_to_do()
    {
        await using var app = await StartAsync(scan: false);
        await database.RunAsync("""
            CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN OLD; END';
            CREATE TRIGGER stuck BEFORE DELETE ON "Comments" FOR EACH ROW EXECUTE FUNCTION stuck()
            """);
        await database.RunAsync($"ALTER DATABASE {database.Name} SET statement_timeout = '500ms'");
        Npgsql.NpgsqlConnection.ClearAllPools();

        await Assert.ThrowsAnyAsync<Exception>(() => app.ExpireAsync());

        var run = await app.WithAsync<CommentDbContext, ExpiryRun>(db => db.ExpiryRuns.SingleAsync());
        Assert.Equal((0, RunOutcome.Failed), (run.Deleted, run.Outcome));
        Assert.Contains("Raise statement_timeout", run.Error, StringComparison.Ordinal);
    }

    private async Task<TestApp> StartAsync(bool scan)
    {
        await database.RunAsync($"ALTER DATABASE {database.Name} SET enable_seqscan = {(scan ? "on" : "off")}");
        var app = await TestApp.StartAsync(new()
        {
            ["Comments:Store"] = "Postgres",
            ["Comments:ConnectionString"] = database.ConnectionString,
            ["Comments:CreateSchema"] = "true",
        });
        await database.RunAsync($"""
            INSERT INTO "Users" VALUES ('ann');
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
                SELECT gen_random_uuid(), 'ann', {app.Clock.Now.ToUnixTimeMilliseconds()}, 'text ' || i FROM generate_series(1, {Many}) AS i
            """);
        app.Clock.Advance(TimeSpan.FromDays(2));
        return app;
    }
}

using System.Globalization;
using CommentFunctions.Health;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Support;
using Npgsql;

namespace CommentFunctions.Tests.Health;

/// <summary>What keeps PostgreSQL from taking a comment.</summary>
[Requires(Reachable.Postgres)]
public sealed class PostgresHealthTests : IAsyncLifetime
{
    private PostgresDatabase database = null!;
    private TestApp app = null!;

    public async Task InitializeAsync()
    {
        database = await PostgresDatabase.CreateAsync();
        app = await StartAsync(database.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await app.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        await database.DisposeAsync();
    }

    [StoreFact]
    public async Task A_database_that_may_only_be_read_is_named()
    {
        await AssertHealthyAsync();

        await database.RunAsync($"ALTER DATABASE {database.Name} SET default_transaction_read_only = on");
        NpgsqlConnection.ClearAllPools();

        await AssertAsync("the database may only be read at the moment");
    }

    [StoreFact]
    public async Task A_table_that_is_missing_is_named()
    {
        await database.RunAsync("""DROP TABLE "Comments" """);

        await AssertAsync("it lacks a table or a column of the app");
    }

    [StoreFact]
    public async Task A_right_that_is_missing_is_named()
    {
        var user = "reader_" + Guid.NewGuid().ToString("N");
        await database.RunAsync($"""CREATE USER {user} PASSWORD 'pw'; GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA public TO {user}""");
        try
        {
            await using var reader = await StartAsync(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = user, Password = "pw" }.ToString(), create: false);
            await AssertAsync("the user of the app lacks a right that it needs", reader);
        }
        finally
        {
            await database.RunAsync($"DROP OWNED BY {user}; DROP USER {user}");
        }
    }

    [StoreFact]
    public async Task A_right_on_what_goes_with_a_sites_comments_that_is_missing_is_named()
    {
        var user = "reader_" + Guid.NewGuid().ToString("N");
        await database.RunAsync($"""
            CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150));
            CREATE TABLE comments_comment (id integer PRIMARY KEY, user_id integer, "timestamp" timestamptz NOT NULL, text text);
            CREATE TABLE wall_flag (id integer PRIMARY KEY, comment_id integer NOT NULL REFERENCES comments_comment (id));
            CREATE TABLE wall_note (id integer PRIMARY KEY, comment_id integer REFERENCES comments_comment (id));
            CREATE USER {user} PASSWORD 'pw'; GRANT CREATE, USAGE ON SCHEMA public TO {user};
            GRANT SELECT ON auth_user, comments_comment, wall_flag, wall_note TO {user}; GRANT DELETE, UPDATE ON comments_comment TO {user}
            """);
        try
        {
            await using var site = await TestApp.StartAsync(new()
            {
                ["Comments:Store"] = "Postgres",
                ["Comments:Schema"] = "Django",
                ["Comments:ConnectionString"] = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = user, Password = "pw" }.ToString(),
                ["Comments:CreateSchema"] = "true",
                ["Comments:Django:Dependents"] = "wall_flag.comment_id, wall_note.comment_id=null",
            });
            await AssertAsync("the user of the app lacks a right that it needs", site);
            await database.RunAsync($"GRANT DELETE ON wall_flag TO {user}");
            await AssertAsync("the user of the app lacks a right that it needs", site);

            await database.RunAsync($"GRANT UPDATE ON wall_note TO {user}");
            Assert.Equal("healthy", (await HealthAsync(site)).Text("status"));
        }
        finally
        {
            await database.RunAsync($"DROP OWNED BY {user}; DROP USER {user}");
        }
    }

    [StoreFact]
    public async Task A_table_that_somebody_holds_makes_it_unhealthy_in_time_and_no_question_stays()
    {
        await using (var other = new NpgsqlConnection(database.ConnectionString))
        {
            await other.OpenAsync();
            await using var transaction = await other.BeginTransactionAsync();
            await using var command = new NpgsqlCommand("""LOCK TABLE "Comments" IN EXCLUSIVE MODE""", other, transaction);
            await command.ExecuteNonQueryAsync();

            await Task.WhenAll(AssertAsync("it did not answer within 3 s"), AssertAsync("it did not answer within 3 s"));

            var waiting = await database.RunAsync("SELECT count(*) FROM pg_locks WHERE NOT granted");
            Assert.True(int.Parse(waiting.Single(), CultureInfo.InvariantCulture) <= 1);
        }

        await AppClient.EventuallyAsync(async () => (await HealthAsync(app)).Status == 200, "well again");
    }

    private static Task<TestApp> StartAsync(string connectionString, bool create = true) => TestApp.StartAsync(new()
    {
        ["Comments:Store"] = "Postgres",
        ["Comments:ConnectionString"] = connectionString,
        ["Comments:CreateSchema"] = create ? "true" : "false",
    });

    private static Task<HttpAnswer> HealthAsync(TestApp app) =>
        app.SendAsync<GetHealth>(HttpCalls.Get("/api/health"), (function, request) => function.RunAsync(request, default));

    private async Task AssertHealthyAsync() => Assert.Equal("healthy", (await HealthAsync(app)).Text("status"));

    private async Task AssertAsync(string reason, TestApp? of = null)
    {
        var health = await HealthAsync(of ?? app);
        Assert.Equal((503, "unhealthy"), (health.Status, health.Text("status")));
        Assert.Equal($"Nothing can be stored or deleted. Of the store Postgres: {reason}.", health.Body.GetProperty("reasons")[0].GetString());
    }
}

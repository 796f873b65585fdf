using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Data;

[Requires(Reachable.Postgres)]
public sealed class PostgresStartTests : IAsyncLifetime
{
    private PostgresDatabase database = null!;

    public async Task InitializeAsync() => database = await PostgresDatabase.CreateAsync();

    public async Task DisposeAsync() => await database.DisposeAsync();

    [StoreFact]
    public async Task Tables_are_made_only_when_that_is_asked_for()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(create: false));
        Assert.StartsWith("Comments:CreateSchema is false", Assert.Single(failure.Failures), StringComparison.Ordinal);

        await (await StartAsync(create: true)).DisposeAsync();
        await using var app = await StartAsync(create: false);
        await app.PostAsync("ann", "kept");
    }

    [StoreFact]
    public async Task Tables_of_others_are_no_hindrance()
    {
        await database.RunAsync("CREATE TABLE theirs (x int)");

        await using var app = await StartAsync(create: true);
        await app.PostAsync("ann", "beside");
    }

    [StoreFact]
    public async Task Apps_that_start_at_once_all_start()
    {
        var apps = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => StartAsync(create: true))));

        foreach (var app in apps)
        {
            await app.PostAsync("ann", "one of them");
            await app.DisposeAsync();
        }
    }

    [StoreFact]
    public async Task A_first_attempt_to_connect_that_took_too_long_is_followed_by_another()
    {
        using var proxy = new TcpProxy(database.Host, database.Port) { Silent = 1 };

        await using var app = await TestApp.StartAsync(new()
        {
            ["Comments:Store"] = "Postgres",
            ["Comments:ConnectionString"] = $"{database.ConnectionString};Port={proxy.Port}",
            ["Comments:CreateSchema"] = "true",
        });

        await app.PostAsync("ann", "late");
    }

    [StoreFact]
    public async Task A_users_latest_comment_is_one_step_in_the_index()
    {
        await using var app = await StartAsync(create: true);
        await database.RunAsync("""
            INSERT INTO "Users" SELECT 'user' || i FROM generate_series(0, 99) AS i;
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
                SELECT gen_random_uuid(), 'user' || i % 100, i, 'text' FROM generate_series(1, 20000) AS i;
            ANALYZE "Comments"
            """);

        var plan = await database.RunAsync("""
            EXPLAIN SELECT * FROM "Comments" WHERE "UserName" = 'user7' AND "CreatedAt" > 5 ORDER BY "CreatedAt" DESC, "Id" DESC LIMIT 1
            """);

        Assert.Contains("Index Scan using \"IX_Comments_UserName_CreatedAt_Id\"", string.Join('\n', plan), StringComparison.Ordinal);
        Assert.DoesNotContain("Sort", string.Join('\n', plan), StringComparison.Ordinal);
    }

    private Task<TestApp> StartAsync(bool create) => TestApp.StartAsync(new()
    {
        ["Comments:Store"] = "Postgres",
        ["Comments:ConnectionString"] = database.ConnectionString,
        ["Comments:CreateSchema"] = $"{create}",
    });
}

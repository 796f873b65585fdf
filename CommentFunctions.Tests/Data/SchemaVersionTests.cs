using CommentFunctions.Data;
using CommentFunctions.Data.Relational;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Data;

/// <summary>What an earlier version of the app left is upgraded at the start, and what a later one left is refused. <c>Releases</c> has each version.</summary>
public abstract class SchemaVersionTests
{
    /// <summary>Everything that has a name in the database, in one order.</summary>
    private protected abstract string Catalog { get; }

    private protected abstract string Store { get; }

    private protected abstract string ConnectionString { get; }

    [StoreFact]
    public async Task What_the_first_version_left_is_upgraded_and_then_as_new()
    {
        await RunAsync(await ReleaseAsync(1));

        string[] upgraded;
        await using (var app = await StartAsync())
        {
            await app.PostAsync("alice", "Written after it");
            upgraded = await RunAsync(Catalog);
        }

        Assert.Equal(["Written after it", "Written before the upgrade"], await RunAsync("""SELECT "Text" FROM "Comments" ORDER BY 1"""));
        Assert.Equal([$"{SchemaVersions.Current}"], await RunAsync("""SELECT max("Version") FROM "SchemaVersions" """));
        await ClearAsync();
        await using var fresh = await StartAsync();
        Assert.Equal(await RunAsync(Catalog), upgraded);
    }

    [StoreFact]
    public async Task Apps_that_upgrade_at_once_all_start()
    {
        await RunAsync(await ReleaseAsync(1));

        var apps = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => StartAsync())));

        foreach (var app in apps)
        {
            await app.PostAsync("alice", "One of them");
            await app.DisposeAsync();
        }

        Assert.Equal(["1"], await RunAsync($"""SELECT count(*) FROM "SchemaVersions" WHERE "Version" = {SchemaVersions.Current}"""));
    }

    [StoreFact]
    public async Task An_upgrade_that_fails_leaves_everything_as_it_was()
    {
        await RunAsync(await ReleaseAsync(1));
        // In the way of the step's table.
        await RunAsync("""CREATE VIEW "SchemaVersions" AS SELECT 1 AS "Version" WHERE false""");
        var before = await RunAsync(Catalog);

        await Assert.ThrowsAnyAsync<Exception>(StartAsync);

        Assert.Equal(before, await RunAsync(Catalog));
    }

    [StoreFact]
    public async Task What_a_newer_version_left_is_refused_in_one_line()
    {
        await (await StartAsync()).DisposeAsync();
        await RunAsync($"""INSERT INTO "SchemaVersions" VALUES ({SchemaVersions.Current + 1}, 0)""");

        var line = Assert.Single((await Assert.ThrowsAsync<OptionsValidationException>(StartAsync)).Failures);

        Assert.Contains($"a newer version of this app has made (version {SchemaVersions.Current + 1}; this one knows {SchemaVersions.Current})", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [StoreFact]
    public async Task A_table_that_is_gone_is_not_taken_for_another_apps_database()
    {
        await (await StartAsync()).DisposeAsync();
        await RunAsync("""DROP TABLE "DeliveredReplies" """);

        var line = Assert.Single((await Assert.ThrowsAsync<OptionsValidationException>(StartAsync)).Failures);

        Assert.Contains("has tables of this app, but not all of each (", line, StringComparison.Ordinal);
        Assert.Contains("DeliveredReplies", line, StringComparison.Ordinal);
    }

    private protected abstract Task<string[]> RunAsync(string sql);

    /// <summary>Makes the database empty.</summary>
    private protected abstract Task ClearAsync();

    private protected Task<TestApp> StartAsync() => StartAsync(create: true);

    private protected Task<TestApp> StartAsync(bool create) => TestApp.StartAsync(new()
    {
        ["Comments:Store"] = Store,
        ["Comments:ConnectionString"] = ConnectionString,
        ["Comments:CreateSchema"] = $"{create}",
    });

    private protected Task<string> ReleaseAsync(int version) => File.ReadAllTextAsync(
        Path.Combine(AppContext.BaseDirectory, "Data", "Releases", $"{Store}-{version}.sql".ToLowerInvariant()));
}

public sealed class SqliteSchemaVersionTests : SchemaVersionTests, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("comments-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Beside_a_sites_tables_too()
    {
        await RunAsync("""
            CREATE TABLE auth_user (id integer, username varchar(150));
            CREATE TABLE comments_comment (id integer, user_id integer, text text, timestamp datetime)
            """);
        Dictionary<string, string?> settings = new()
        {
            ["Comments:Schema"] = "Django",
            ["Comments:Django:TimeZone"] = "UTC",
            ["Comments:ConnectionString"] = ConnectionString,
            ["Comments:CreateSchema"] = "true",
        };
        await (await TestApp.StartAsync(settings)).DisposeAsync();
        var catalog = await RunAsync(Catalog);
        await RunAsync("""
            DROP TABLE commentfunctions_schema_versions;
            ALTER TABLE commentfunctions_expiry_runs DROP COLUMN "Work"
            """);

        settings["Comments:CreateSchema"] = "false";
        Assert.Contains("are of version 1; this app needs ", Assert.Single(
            (await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(settings))).Failures), StringComparison.Ordinal);
        settings["Comments:CreateSchema"] = "true";
        await (await TestApp.StartAsync(settings)).DisposeAsync();

        Assert.Equal(catalog, await RunAsync(Catalog));
    }

    private protected override string Store => StoreNames.Sqlite;

    private protected override string ConnectionString => $"Data Source={Path.Combine(folder, "file.db")}";

    private protected override string Catalog => """
        SELECT m.name || ' ' || p.name || ' ' || p.type || ' ' || p."notnull" || ' ' || p.pk FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table'
        UNION ALL SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY 1
        """;

    private protected override async Task<string[]> RunAsync(string sql)
    {
        await using SqliteConnection connection = new(ConnectionString + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        List<string> rows = [];
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetValue(0).ToString()!);
        }

        return [.. rows];
    }

    private protected override Task ClearAsync()
    {
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.EnumerateFiles(folder, "file.db*"))
        {
            File.Delete(file);
        }

        return Task.CompletedTask;
    }
}

[Requires(Reachable.Postgres)]
public sealed class PostgresSchemaVersionTests : SchemaVersionTests, IAsyncLifetime
{
    private PostgresDatabase database = null!;

    public async Task InitializeAsync() => database = await PostgresDatabase.CreateAsync();

    public async Task DisposeAsync() => await database.DisposeAsync();

    [StoreFact]
    public async Task Nothing_is_upgraded_unless_that_is_asked_for()
    {
        await RunAsync(await ReleaseAsync(1));

        Assert.Contains("are of version 1; this app needs ", Assert.Single(
            (await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(create: false))).Failures), StringComparison.Ordinal);

        await (await StartAsync()).DisposeAsync();
        await (await StartAsync(create: false)).DisposeAsync();
    }

    private protected override string Store => StoreNames.Postgres;

    private protected override string ConnectionString => database.ConnectionString;

    private protected override string Catalog => """
        SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(character_maximum_length, 0)
            FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1
        """;

    private protected override async Task<string[]> RunAsync(string sql) => [.. await database.RunAsync(sql)];

    private protected override Task ClearAsync() => database.RunAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
}

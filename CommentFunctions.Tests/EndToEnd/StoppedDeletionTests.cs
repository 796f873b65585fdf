using System.Globalization;
using System.Text.RegularExpressions;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>
/// A deletion as a command that is stopped, and killed, in the middle. <c>COMMENTS_TEST_STOPS</c> is how often, 3 times unless it is set.
/// </summary>
public abstract partial class StoppedDeletionTests : IAsyncLifetime
{
    private protected AppFolder Folder { get; } = new();

    public abstract Task InitializeAsync();

    public virtual Task DisposeAsync()
    {
        Folder.Dispose();
        return Task.CompletedTask;
    }

    [StoreFact]
    public async Task Whatever_ends_a_deletion_its_record_has_what_it_deleted()
    {
        Assert.Equal(0, (await AppProcess.RunAsync(Folder, ["run", "ListExpiryRuns"], Settings)).ExitCode);
        var all = await FillAsync();
        foreach (var signal in Signals())
        {
            var before = await CountAsync();
            await using var app = AppProcess.Start(Folder, ["run", signal == "TERM" ? "DeleteExpiredCommentsOnDemand" : "DeleteExpiredComments"], Settings);
            // By the record, which is a row, and not by a count of what is left.
            await AppClient.EventuallyAsync(async () => await RecordedAsync() > all - before, () => $"the deletion has begun: {app.Output}", pause: 20);

            var exitCode = await app.TerminateAsync(signal);

            var left = await CountAsync();
            Assert.InRange(left, 1, before - 1);
            Assert.Equal(all - left, await RecordedAsync());
            if (signal != "KILL")
            {
                Assert.Equal(130, exitCode);
                var said = Assert.Single(Stopped().Matches(app.Output)).Groups;
                Assert.Equal((before - left, left), (Number(said[1]), Number(said[2])));
                Assert.DoesNotContain("   at ", app.Output, StringComparison.Ordinal);
                Assert.DoesNotContain("fail:", app.Output, StringComparison.Ordinal);
            }
            else
            {
                // What was killed a minute ago is not waited for.
                await AskAsync("""UPDATE "ExpiryRuns" SET "StartedAt" = "StartedAt" - 60000 RETURNING 1""");
            }
        }

        await HurryAsync();
        Assert.Equal(0, (await AppProcess.RunAsync(Folder, ["run", "DeleteExpiredComments"], Settings)).ExitCode);
        Assert.Equal((0, all), (await CountAsync(), await RecordedAsync()));
    }

    private protected abstract (string Name, string Value)[] Settings { get; }

    /// <summary>Adds comments that have expired, whose deletion is slow: it is not over before it is stopped. Returns how many.</summary>
    private protected abstract Task<long> FillAsync();

    /// <summary>Ends whatever made the deletion slow.</summary>
    private protected virtual Task HurryAsync() => Task.CompletedTask;

    private protected abstract Task<long> AskAsync(string sql);

    private Task<long> CountAsync() => AskAsync("""SELECT count(*) FROM "Comments" """);

    private Task<long> RecordedAsync() => AskAsync("""SELECT coalesce(sum("Deleted"), 0) FROM "ExpiryRuns" """);

    private static IEnumerable<string> Signals()
    {
        var stops = int.TryParse(Environment.GetEnvironmentVariable("COMMENTS_TEST_STOPS"), CultureInfo.InvariantCulture, out var set) ? set : 3;
        string[] signals = ["INT", "KILL", "TERM"];
        return Enumerable.Range(0, stops).Select(i => signals[i % signals.Length]);
    }

    private static long Number(Group group) => long.Parse(group.Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?m)^Stopped\. ([\d,]+) deleted, ([\d,]+) to go; run again to go on\.$")]
    private static partial Regex Stopped();
}

public sealed class SqliteStoppedDeletionTests : StoppedDeletionTests
{
    private const int Many = 30_000;

    public override Task InitializeAsync() => Task.CompletedTask;

    private protected override (string Name, string Value)[] Settings => [];

    private protected override async Task<long> FillAsync()
    {
        await AskAsync($"""
            INSERT INTO "Users" ("UserName") SELECT 'user' || value FROM json_each('[0,1,2,3,4,5,6,7,8,9]');
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {Many})
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
                SELECT printf('00000000-0000-7000-8000-%012X', i), 'user' || (i % 10), i, 'text ' || i FROM n;
            CREATE TABLE "Slow" AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i FROM n;
            CREATE TRIGGER slow AFTER DELETE ON "Comments" BEGIN SELECT sum(a.i * b.i) FROM "Slow" AS a, "Slow" AS b; END;
            SELECT 0
            """);
        return Many;
    }

    private protected override Task HurryAsync() => AskAsync("DROP TRIGGER slow; SELECT 0");

    private protected override async Task<long> AskAsync(string sql)
    {
        await using SqliteConnection connection = new($"Data Source={Path.Combine(Folder.Path, ".local", "comments.db")};Pooling=False;Default Timeout=120");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync())!;
    }
}

[Requires(Reachable.Postgres)]
public sealed class PostgresStoppedDeletionTests : StoppedDeletionTests
{
    private const int Many = 1_000_000;
    private PostgresDatabase database = null!;

    public override async Task InitializeAsync() => database = await PostgresDatabase.CreateAsync();

    public override async Task DisposeAsync()
    {
        await database.DisposeAsync();
        await base.DisposeAsync();
    }

    private protected override (string Name, string Value)[] Settings =>
        [("Comments__Store", "Postgres"), ("Comments__ConnectionString", database.ConnectionString), ("Comments__CreateSchema", "true")];

    private protected override async Task<long> FillAsync()
    {
        await database.RunAsync($"""
            INSERT INTO "Users" SELECT 'user' || i FROM generate_series(0, 9) AS i;
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
                SELECT lpad(to_hex(i), 32, '0')::uuid, 'user' || i % 10, i, 'text ' || i FROM generate_series(1, {Many}) AS i;
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END';
            CREATE TRIGGER slow AFTER DELETE ON "Comments" FOR EACH STATEMENT EXECUTE FUNCTION slow()
            """);
        // Steps of 100,000 along the index, a second each at the least.
        await database.RunAsync($"ALTER DATABASE {database.Name} SET enable_seqscan = off");
        return Many;
    }

    private protected override Task HurryAsync() => database.RunAsync("""DROP TRIGGER slow ON "Comments" """);

    private protected override async Task<long> AskAsync(string sql) => long.Parse((await database.RunAsync(sql))[0], CultureInfo.InvariantCulture);
}

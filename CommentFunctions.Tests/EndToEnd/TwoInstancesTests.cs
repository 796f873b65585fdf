using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>Two processes, each with a folder of its own, on one PostgreSQL database.</summary>
[Requires(Reachable.Postgres)]
public sealed class TwoInstancesTests : IAsyncLifetime
{
    private readonly AppFolder[] folders = [new(), new()];
    private PostgresDatabase database = null!;

    public async Task InitializeAsync() => database = await PostgresDatabase.CreateAsync();

    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
        Array.ForEach(folders, folder => folder.Dispose());
    }

    [StoreFact]
    public async Task Each_scheduled_time_has_one_run()
    {
        (string, string)[] settings =
        [
            ("Comments__Store", "Postgres"), ("Comments__ConnectionString", database.ConnectionString), ("Comments__CreateSchema", "true"),
            ("CommentExpirySchedule", "*/2 * * * * *"),
        ];
        await using var first = await AppProcess.ServeAsync(folders[0], settings);
        await using var second = await AppProcess.ServeAsync(folders[1], settings);
        var begun = await CountAsync("""SELECT count(*) FROM "ExpiryRuns" """);

        await AppClient.EventuallyAsync(async () => await CountAsync("""SELECT count(*) FROM "ExpiryRuns" """) > begun + 5, "runs came");

        // A run that no other instance can have too has an id that is the time it was due at, and nothing else.
        Assert.Equal(0, await CountAsync("""SELECT count(*) FROM "ExpiryRuns" WHERE "Id"::text NOT LIKE '%-7000-8000-000000000000' """));
    }

    private async Task<long> CountAsync(string sql) =>
        long.Parse((await database.RunAsync(sql))[0], System.Globalization.CultureInfo.InvariantCulture);
}

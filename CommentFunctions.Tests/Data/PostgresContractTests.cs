using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Data;

/// <summary>PostgreSQL, by a way that can be cut; a moment's absence is its operator ending the app's connections.</summary>
[Requires(Reachable.Postgres)]
public sealed class PostgresContractTests : StoreContract, IDisposable
{
    private PostgresDatabase database = null!;
    private TcpProxy proxy = null!;

    protected override int Many => 220_000;

    protected override Dictionary<string, string?> Settings => new()
    {
        ["Comments:Store"] = "Postgres",
        ["Comments:ConnectionString"] = database.Through(proxy.Port),
        ["Comments:CreateSchema"] = "true",
    };

    public override async Task InitializeAsync()
    {
        database = await PostgresDatabase.CreateAsync();
        proxy = new(database.Host, database.Port);
    }

    public override async Task DisposeAsync() => await database.DisposeAsync();

    public void Dispose() => proxy.Dispose();

    protected override Task AddAsync(TestApp app, int count) => database.RunAsync($"""
        INSERT INTO "Users" SELECT 'user' || i FROM generate_series(0, 9) AS i;
        INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
            SELECT gen_random_uuid(), 'user' || i % 10, {app.Clock.Now.ToUnixTimeMilliseconds()} + i % 1000, 'text ' || i
            FROM generate_series(1, {count}) AS i
        """);

    protected override void TakeAway() => proxy.Cut();

    protected override void GiveBack() => proxy.Mend();

    protected override void Disturb() => database.RunAsync(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        .GetAwaiter().GetResult();
}

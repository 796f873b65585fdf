using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Data.Cosmos;

/// <summary>Cosmos DB through EF Core, by a way that can be cut.</summary>
[Requires(Reachable.CosmosStore)]
public class CosmosContractTests : StoreContract
{
    protected CosmosServer Server { get; private set; } = null!;

    // A batch has a hundred.
    protected override int Many => 2_200;

    protected override int UnderWay => 800;

    protected override Dictionary<string, string?> Settings => new()
    {
        ["Comments:Store"] = "Cosmos",
        ["Comments:ConnectionString"] = Server.ConnectionString,
        ["Comments:CreateSchema"] = "true",
        ["Comments:RequestUnitsPerSecond"] = "20000",
    };

    public override async Task InitializeAsync() => Server = await CosmosServer.StartAsync();

    public override async Task DisposeAsync() => await Server.DisposeAsync();

    protected override Task AddAsync(TestApp app, int count) => Parallel.ForEachAsync(Enumerable.Range(0, 10), (user, _) =>
        new ValueTask(app.WithAsync<CommentDbContext>(async db =>
        {
            db.Users.Add(new() { UserName = $"user{user}" });
            db.Comments.AddRange(Enumerable.Range(0, count / 10).Select(i => new Comment
            {
                Id = Guid.CreateVersion7(),
                UserName = $"user{user}",
                CreatedAt = app.Clock.Now.AddMilliseconds(i),
                Text = $"{i}",
            }));
            await db.SaveChangesAsync();
        })));

    protected override void TakeAway() => Server.Cut();

    protected override void GiveBack() => Server.Mend();

    protected override void Disturb()
    {
        Server.Cut();
        Server.Mend();
    }
}

/// <summary>The same, while what one instance has written comes late to the others: session consistency.</summary>
public sealed class LateCosmosContractTests : CosmosContractTests
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Server.SetAsync(new { lagMs = 300 });
    }
}

using CommentFunctions.Comments;
using CommentFunctions.Tests.Stores.Support;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Stores;

/// <summary>Cosmos DB through EF Core, by a way that can be cut.</summary>
[Requires(Reachable.CosmosStore)]
public sealed class CosmosContractTests : StoreContract, IDisposable
{
    private readonly string database = $"test-{Guid.NewGuid():N}";
    private TcpProxy proxy = null!;

    // Each comment is an item of its own request, and a page has a thousand.
    protected override int Many => 2_200;

    protected override Dictionary<string, string?> Settings => new()
    {
        ["Comments:Store"] = "Cosmos",
        ["Comments:ConnectionString"] = $"AccountEndpoint=http://127.0.0.1:{proxy.Port};AccountKey={CosmosServer.Key}",
        ["Comments:Database"] = database,
        ["Comments:CreateSchema"] = "true",
    };

    public override Task InitializeAsync()
    {
        var address = new Uri(CosmosServer.Address);
        proxy = new(address.Host, address.Port);
        return Task.CompletedTask;
    }

    public override Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => proxy.Dispose();

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

    protected override void TakeAway() => proxy.Cut();

    protected override void GiveBack() => proxy.Mend();

    protected override void Disturb()
    {
        proxy.Cut();
        proxy.Mend();
    }
}

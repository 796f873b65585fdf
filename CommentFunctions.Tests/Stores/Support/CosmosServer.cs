using Microsoft.Azure.Cosmos;

namespace CommentFunctions.Tests.Stores.Support;

/// <summary>A client of the server of <see cref="Reachable.CosmosVariable"/>, with a database of its own.</summary>
public sealed class CosmosServer : IAsyncDisposable
{
    /// <summary>The key that every emulator takes; it is no secret.</summary>
    public const string Key = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    private readonly CosmosClient client;

    static CosmosServer() =>
        // Or the client asks the server for a query plan, which only the real one makes.
        Environment.SetEnvironmentVariable("AZURE_COSMOS_USE_QUERY_PLAN_INTEROP_LINUX", "true");

    private CosmosServer(CosmosClient client, Database database) => (this.client, Database) = (client, database);

    public static string Address => Environment.GetEnvironmentVariable(Reachable.CosmosVariable)!;

    public Database Database { get; }

    /// <summary>Connects; <paramref name="inFront"/> stands between the client and the server.</summary>
    public static async Task<CosmosServer> ConnectAsync(Func<HttpMessageHandler, HttpMessageHandler> inFront)
    {
        var client = new CosmosClient(Address, Key, new()
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            HttpClientFactory = () => new(inFront(new HttpClientHandler())),
            MaxRetryAttemptsOnRateLimitedRequests = 2,
        });
        DatabaseResponse made;
        while (!IsWhole((made = await client.CreateDatabaseAsync($"test-{Guid.NewGuid():N}")).Resource.SelfLink, parts: 2))
        {
            await made.Database.DeleteAsync();
        }

        return new(client, made.Database);
    }

    public async Task<Container> CreateContainerAsync(string partitionKey)
    {
        ContainerResponse made;
        while (!IsWhole((made = await Database.CreateContainerAsync($"c-{Guid.NewGuid():N}", partitionKey)).Resource.SelfLink, parts: 4))
        {
            await made.Container.DeleteContainerAsync();
        }

        return made.Container;
    }

    /// <summary>What the server lacks that the queries of EF Core end in; null if nothing.</summary>
    public static async Task<string?> FindGapAsync()
    {
        await using var server = await ConnectAsync(inner => inner);
        var container = await server.CreateContainerAsync("/id");
        try
        {
            using var query = container.GetItemQueryIterator<object>("SELECT c.id FROM c OFFSET 0 LIMIT 1");
            await query.ReadNextAsync();
            return null;
        }
        catch (CosmosException e) when (e.StatusCode == System.Net.HttpStatusCode.BadRequest)
        {
            return $"{Reachable.CosmosStore}: the server at {Reachable.CosmosVariable} does not know OFFSET … LIMIT.";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DeleteAsync();
        client.Dispose();
    }

    // @vercel/cosmosdb-server makes resource ids at random, and one in some dozens has a slash, with which no address is found.
    private static bool IsWhole(string link, int parts) => link.Split('/', StringSplitOptions.RemoveEmptyEntries).Length == parts;
}

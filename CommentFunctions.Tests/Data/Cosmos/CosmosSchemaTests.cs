using System.Collections.ObjectModel;
using CommentFunctions.Data.Cosmos;
using CommentFunctions.Tests.Data.Support;
using Microsoft.Azure.Cosmos;

namespace CommentFunctions.Tests.Data.Cosmos;

/// <summary>What the app makes of containers, and what it says of those that are there.</summary>
[Requires(Reachable.Cosmos)]
public sealed class CosmosSchemaTests : IAsyncLifetime
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private CosmosServer server = null!;
    private CosmosClient client = null!;

    public async Task InitializeAsync()
    {
        server = await CosmosServer.StartAsync();
        client = server.Connect();
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [StoreFact]
    public async Task What_it_makes_is_what_it_looks_for()
    {
        foreach (var (retention, isDeleter) in new[] { (Day, false), (TimeSpan.FromHours(1), false), (TimeSpan.FromDays(3650), true) })
        {
            var schema = Schema(retention, isDeleter, $"db{retention.TotalHours}");
            await schema.CreateAsync(default);
            await schema.CreateAsync(default);

            Assert.Null(await schema.FindProblemAsync(default));
        }
    }

    [StoreFact]
    public async Task A_database_or_container_that_is_missing_is_named()
    {
        Assert.StartsWith("Comments:Database is 'db', and the account has no such database", await Schema().FindProblemAsync(default), StringComparison.Ordinal);

        await Schema().CreateAsync(default);
        await client.GetContainer("db", "runs").DeleteContainerAsync();

        Assert.Contains("'runs'", await Schema().FindProblemAsync(default), StringComparison.Ordinal);
        await Schema().CreateAsync(default);
        Assert.Null(await Schema().FindProblemAsync(default));
    }

    [StoreFact]
    public async Task A_time_to_live_shorter_than_the_retention_is_told_and_made_longer()
    {
        await Schema().CreateAsync(default);
        var longer = Schema(TimeSpan.FromHours(72));

        var problem = await longer.FindProblemAsync(default);
        Assert.StartsWith("Comments:Retention is 3.00:00:00, and by its time to live the container 'comments' drops items 2.00:00:00", problem, StringComparison.Ordinal);

        await longer.CreateAsync(default);
        Assert.Null(await longer.FindProblemAsync(default));
    }

    [StoreFact]
    public async Task Only_the_job_does_without_a_time_to_live()
    {
        await Schema().CreateAsync(default);
        await ChangeAsync("comments", container => container.DefaultTimeToLive = -1);

        Assert.Null(await Schema().FindProblemAsync(default));
        Assert.StartsWith("Comments:ExpireBy is TimeToLive", await Schema(isDeleter: true).FindProblemAsync(default), StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task Indexes_that_are_missing_are_named_and_made()
    {
        await Schema().CreateAsync(default);
        await ChangeAsync("conversations", container => container.IndexingPolicy.CompositeIndexes.Clear());
        Assert.Contains("'conversations' in the database of Comments:Database has no composite index of /receivedAt and /id", await Schema().FindProblemAsync(default), StringComparison.Ordinal);
        await Schema().CreateAsync(default);
        Assert.Null(await Schema().FindProblemAsync(default));

        await ChangeAsync("deliveries", container => container.IndexingPolicy.IncludedPaths.Clear());
        Assert.Contains("'deliveries' in the database of Comments:Database has no index of /deliveredAt", await Schema().FindProblemAsync(default), StringComparison.Ordinal);
        await Schema().CreateAsync(default);
        Assert.Null(await Schema().FindProblemAsync(default));
    }

    [StoreFact]
    public async Task More_indexes_than_needed_are_nobodys_concern()
    {
        await Schema().CreateAsync(default);
        await ChangeAsync("comments", container =>
        {
            container.IndexingPolicy.IncludedPaths.Clear();
            container.IndexingPolicy.IncludedPaths.Add(new() { Path = "/*" });
            container.IndexingPolicy.ExcludedPaths.Clear();
            container.IndexingPolicy.CompositeIndexes.Add(new Collection<CompositePath> { new() { Path = "/userName" }, new() { Path = "/createdAt" } });
        });

        Assert.Null(await Schema().FindProblemAsync(default));
    }

    [StoreFact]
    public async Task Another_partition_key_is_told_and_left_as_it_is()
    {
        Database database = await client.CreateDatabaseAsync("db");
        await database.CreateContainerAsync("comments", "/id");

        await Schema().CreateAsync(default);

        Assert.StartsWith(
            "The container 'comments' in the database of Comments:Database has the partition key /id, and the app needs /userName.",
            await Schema().FindProblemAsync(default),
            StringComparison.Ordinal);
    }

    private CosmosSchema Schema(TimeSpan? retention = null, bool isDeleter = false, string database = "db") =>
        new(client, database, retention ?? Day, isDeleter, TimeProvider.System);

    private async Task ChangeAsync(string name, Action<ContainerProperties> change)
    {
        var container = client.GetContainer("db", name);
        ContainerProperties properties = await container.ReadContainerAsync();
        change(properties);
        await container.ReplaceContainerAsync(properties);
    }
}

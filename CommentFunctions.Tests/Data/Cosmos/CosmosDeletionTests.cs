using CommentFunctions.Data;
using CommentFunctions.Data.Cosmos;
using CommentFunctions.Tests.Data.Support;
using Microsoft.Azure.Cosmos;

namespace CommentFunctions.Tests.Data.Cosmos;

/// <summary>The deletion on the SDK's container, against a strict server with three physical partitions.</summary>
[Requires(Reachable.Cosmos)]
public sealed class CosmosDeletionTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Cutoff = new(2026, 1, 14, 12, 0, 0, TimeSpan.Zero);

    private readonly BeforeBatch beforeBatch = new();
    private CosmosServer server = null!;
    private Container container = null!;

    public async Task InitializeAsync()
    {
        server = await CosmosServer.StartAsync();
        var client = server.Connect(inner => new Hook(beforeBatch) { InnerHandler = inner });
        await new CosmosSchema(client, "db", TimeSpan.FromDays(1), isDeleter: false, TimeProvider.System).CreateAsync(default);
        container = client.GetContainer("db", "comments");
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [StoreFact]
    public async Task Expired_items_go_in_batches_of_one_user_and_the_others_stay()
    {
        await AddAsync(users: 7, each: 230, Cutoff);
        await AddAsync(users: 1, each: 1, Cutoff.AddMilliseconds(1));
        await server.ResetAsync();

        var (deleted, failure) = await RunAsync();

        Assert.Null(failure);
        Assert.Equal(1_610, deleted.Sum());
        Assert.Equal(1, await CountAsync());
        Assert.Equal(7 * 3, await BatchesAsync());
    }

    [StoreFact]
    public async Task Twenty_thousand_of_five_hundred_users_take_at_most_800_requests_although_one_in_twenty_fails()
    {
        await AddAsync(users: 500, each: 40, Cutoff);
        await server.ResetAsync();
        await server.FailAsync(
            new { coll = "comments", p = 0.02, status = 503 }, new { coll = "comments", p = 0.02, status = 410 }, new { coll = "comments", p = 0.01, status = 500, commit = true });

        var (deleted, failure) = Sum(await RunAsync());

        await server.FailAsync();
        Assert.Equal((20_000, null), (deleted, failure));
        Assert.Equal(0, await CountAsync());
        Assert.InRange((await server.RequestsAsync()).Where(r => r.Container == "comments").Sum(r => r.Count), 500, 800);
    }

    [StoreFact]
    public async Task Runs_at_once_count_each_item_once()
    {
        await AddAsync(users: 7, each: 150, Cutoff);

        var runs = await Task.WhenAll(RunAsync(), RunAsync(), RunAsync());

        Assert.All(runs, run => Assert.Null(run.Failure));
        Assert.Equal(1_050, runs.Sum(run => run.Deleted.Sum()));
        Assert.Equal(0, await CountAsync());
    }

    [StoreFact]
    public async Task What_is_gone_by_its_turn_is_not_counted_and_keeps_nothing_else()
    {
        var ids = await AddAsync(users: 1, each: 50, Cutoff);
        beforeBatch.Do = async () =>
        {
            beforeBatch.Do = null;
            foreach (var id in ids.Take(20))
            {
                await container.DeleteItemAsync<object>(id, new PartitionKey("user0"));
            }
        };

        Assert.Equal((30, null), Sum(await RunAsync()));
        Assert.Equal(0, await CountAsync());
    }

    [StoreFact]
    public async Task A_whole_batch_that_another_run_deleted_is_not_counted()
    {
        var ids = await AddAsync(users: 1, each: 50, Cutoff);
        beforeBatch.Do = async () =>
        {
            beforeBatch.Do = null;
            foreach (var id in ids)
            {
                await container.DeleteItemAsync<object>(id, new PartitionKey("user0"));
            }
        };

        Assert.Equal((0, null), Sum(await RunAsync()));
    }

    [StoreFact]
    public async Task One_failure_of_each_kind_is_outlived_before_and_after_the_commit()
    {
        foreach (var status in new[] { 408, 410, 429, 449, 500, 503 })
        {
            // What is throttled, or met another write, was not done.
            foreach (var commit in status is 429 or 449 ? [false] : new[] { false, true })
            {
                await AddAsync(users: 3, each: 60, Cutoff);
                await server.FailAsync(new { op = "batch", coll = "comments", status, commit, after = 1, count = 1 });

                Assert.Equal((180, null), Sum(await RunAsync()));
                Assert.Equal(0, await CountAsync());
            }
        }
    }

    [StoreFact]
    public async Task A_cut_connection_is_outlived()
    {
        await AddAsync(users: 3, each: 60, Cutoff);
        await server.FailAsync(new { op = "batch", coll = "comments", reset = true, after = 1, count = 1 });

        Assert.Equal((180, null), Sum(await RunAsync()));
    }

    [StoreFact]
    public async Task A_page_of_the_query_that_fails_is_asked_for_again()
    {
        await AddAsync(users: 30, each: 100, Cutoff);
        await server.FailAsync(new { op = "query", coll = "comments", status = 503, after = 2, count = 2 });

        Assert.Equal((3_000, null), Sum(await RunAsync()));
    }

    [StoreFact]
    public async Task Lasting_429_ends_the_run_with_what_was_deleted_counted()
    {
        await AddAsync(users: 10, each: 100, Cutoff);
        await server.FailAsync(new { op = "batch", coll = "comments", status = 429, retryAfterMs = 1, after = 4 });

        var (deleted, failure) = Sum(await RunAsync());

        await server.FailAsync();
        Assert.Equal(typeof(StoreThrottledException), failure);
        Assert.Equal(1_000 - deleted, await CountAsync());
        Assert.Equal((1_000 - deleted, null), Sum(await RunAsync()));
    }

    [StoreFact]
    public async Task Lasting_429_for_the_query_ends_the_run_as_well()
    {
        await AddAsync(users: 1, each: 3, Cutoff);
        await server.FailAsync(new { op = "query", coll = "comments", status = 429, retryAfterMs = 1 });

        Assert.Equal((0, typeof(StoreThrottledException)), Sum(await RunAsync()));
    }

    [StoreFact]
    public async Task What_does_not_pass_ends_the_run_with_what_was_deleted_counted()
    {
        await AddAsync(users: 10, each: 100, Cutoff);
        await server.FailAsync(new { op = "batch", coll = "comments", status = 403, after = 4 });

        var (deleted, failure) = Sum(await RunAsync());

        Assert.Equal(typeof(CosmosException), failure);
        Assert.Equal(1_000 - deleted, await CountAsync());
    }

    [StoreFact]
    public async Task A_run_that_is_cancelled_counts_what_was_under_way()
    {
        await AddAsync(users: 20, each: 100, Cutoff);
        await server.SetAsync(new { latency = 20 });
        using var stop = new CancellationTokenSource();
        beforeBatch.Do = () => stop.CancelAsync();

        var (deleted, failure) = Sum(await RunAsync(cancellationToken: stop.Token));

        Assert.True(failure!.IsAssignableTo(typeof(OperationCanceledException)), $"{failure}");
        Assert.InRange(deleted, 100, 1_900);
        Assert.Equal(2_000 - deleted, await CountAsync());
    }

    [StoreFact]
    public async Task What_it_costs_is_spread_so_that_others_have_half_of_the_throughput()
    {
        const int Throughput = 2_000;
        await AddAsync(users: 20, each: 40, Cutoff);
        await server.ResetAsync();

        var start = TimeProvider.System.GetTimestamp();
        Assert.Equal((800, null), Sum(await RunAsync(throughput: Throughput)));
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;

        // A slow machine takes longer; none is faster than that.
        var spent = (await server.RequestsAsync()).Where(r => r.Container == "comments").Sum(r => r.RequestUnits);
        Assert.InRange(spent / seconds, 1, Throughput / 2 * 1.25);
    }

    private static (int Deleted, Type? Failure) Sum((List<int> Deleted, Exception? Failure) run) => (run.Deleted.Sum(), run.Failure?.GetType());

    private async Task<(List<int> Deleted, Exception? Failure)> RunAsync(int throughput = 1_000_000, CancellationToken cancellationToken = default)
    {
        List<int> deleted = [];
        try
        {
            var deletion = new CosmosDeletion(container, "userName", null, new(throughput, TimeProvider.System), TimeProvider.System);
            await foreach (var step in deletion.RunAsync("createdAt", Cutoff, cancellationToken))
            {
                deleted.Add(step);
            }

            return (deleted, null);
        }
        catch (Exception e) when (e is StoreThrottledException or CosmosException or OperationCanceledException)
        {
            return (deleted, e);
        }
    }

    private async Task<List<string>> AddAsync(int users, int each, DateTimeOffset at)
    {
        List<string> ids = [.. Enumerable.Range(0, each).Select(_ => $"{Guid.CreateVersion7()}")];
        await Parallel.ForEachAsync(Enumerable.Range(0, users), async (user, cancel) =>
        {
            var key = new PartitionKey($"user{user}");
            foreach (var chunk in ids.Chunk(100))
            {
                var batch = container.CreateTransactionalBatch(key);
                foreach (var id in chunk)
                {
                    batch.CreateItem(new { id, userName = $"user{user}", createdAt = at.ToUnixTimeMilliseconds(), text = "text" });
                }

                using var made = await batch.ExecuteAsync(cancel);
                Assert.True(made.IsSuccessStatusCode, made.ErrorMessage);
            }
        });
        return ids;
    }

    private async Task<int> CountAsync() => (await server.ItemsAsync("db", "comments")).Count;

    private async Task<int> BatchesAsync() => (await server.RequestsAsync()).Where(r => r.Operation == "batch").Sum(r => r.Count);

    private sealed class BeforeBatch
    {
        public Func<Task>? Do { get; set; }
    }

    private sealed class Hook(BeforeBatch before) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.Contains("x-ms-cosmos-is-batch-request") && before.Do is { } hook)
            {
                await hook();
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}

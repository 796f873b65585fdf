using System.Net;
using CommentFunctions.Comments.Stores;
using CommentFunctions.Comments.Stores.Cosmos;
using CommentFunctions.Tests.Stores.Support;
using Microsoft.Azure.Cosmos;

namespace CommentFunctions.Tests.Stores;

/// <summary>The deletion on the SDK's container, against a server, with a stand-in before it for what that server never answers.</summary>
[Requires(Reachable.Cosmos)]
public sealed class CosmosDeletionTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Cutoff = new(2026, 1, 14, 12, 0, 0, TimeSpan.Zero);
    private Func<HttpRequestMessage, HttpStatusCode?> answer = _ => null;
    private CosmosServer server = null!;
    private Container container = null!;

    public async Task InitializeAsync()
    {
        server = await CosmosServer.ConnectAsync(inner => new StandIn(request => answer(request)) { InnerHandler = inner });
        container = await server.CreateContainerAsync("/userName");
    }

    public async Task DisposeAsync()
    {
        answer = _ => null;
        await server.DisposeAsync();
    }

    [StoreFact]
    public async Task Expired_items_go_page_by_page_and_the_others_stay()
    {
        await AddAsync(1_200, Cutoff);
        await AddAsync(1, Cutoff.AddMilliseconds(1));

        var (deleted, failure) = await RunAsync();

        Assert.Null(failure);
        Assert.Equal(1_200, deleted.Sum());
        Assert.True(deleted.Count > 1, "The whole came as one page.");
        Assert.Equal(1, await CountAsync());
    }

    [StoreFact]
    public async Task Runs_at_once_count_each_item_once_for_one_that_is_gone_is_done()
    {
        await AddAsync(300, Cutoff.AddHours(-1));

        var runs = await Task.WhenAll(RunAsync(), RunAsync(), RunAsync());

        Assert.All(runs, run => Assert.Null(run.Failure));
        Assert.Equal(300, runs.Sum(run => run.Deleted.Sum()));
        Assert.Equal(0, await CountAsync());
    }

    [StoreFact]
    public async Task An_item_that_is_not_found_is_done_and_not_counted()
    {
        await AddAsync(20, Cutoff);
        answer = request => request.Method == HttpMethod.Delete ? HttpStatusCode.NotFound : null;

        Assert.Equal((0, null), Sum(await RunAsync()));
    }

    [StoreFact]
    public async Task Lasting_429_ends_the_run_with_what_was_deleted_counted()
    {
        await AddAsync(100, Cutoff);
        var deletes = 0;
        answer = request => request.Method == HttpMethod.Delete && Interlocked.Increment(ref deletes) > 40 ? HttpStatusCode.TooManyRequests : null;

        var (deleted, failure) = Sum(await RunAsync());

        Assert.Equal((40, typeof(StoreThrottledException)), (deleted, failure));
        answer = _ => null;
        Assert.Equal(60, await CountAsync());
        Assert.Equal((60, null), Sum(await RunAsync()));
    }

    [StoreFact]
    public async Task Lasting_429_for_the_query_ends_the_run_as_well()
    {
        await AddAsync(3, Cutoff);
        answer = request => IsQuery(request) ? HttpStatusCode.TooManyRequests : null;

        Assert.Equal((0, typeof(StoreThrottledException)), Sum(await RunAsync()));
    }

    [StoreFact]
    public async Task A_429_that_passes_is_waited_out()
    {
        await AddAsync(10, Cutoff);
        var refused = 0;
        answer = request => request.Method == HttpMethod.Delete && Interlocked.Increment(ref refused) == 1 ? HttpStatusCode.TooManyRequests : null;

        Assert.Equal((10, null), Sum(await RunAsync()));
    }

    [StoreFact]
    public async Task Another_failure_ends_the_run_with_what_was_deleted_counted()
    {
        await AddAsync(100, Cutoff);
        var deletes = 0;
        answer = request => request.Method == HttpMethod.Delete && Interlocked.Increment(ref deletes) > 40 ? HttpStatusCode.Forbidden : null;

        Assert.Equal((40, typeof(CosmosException)), Sum(await RunAsync()));
    }

    private static bool IsQuery(HttpRequestMessage request) =>
        request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/docs", StringComparison.Ordinal)
        && request.Content?.Headers.ContentType?.MediaType == "application/query+json";

    private static (int Deleted, Type? Failure) Sum((List<int> Deleted, Exception? Failure) run) => (run.Deleted.Sum(), run.Failure?.GetType());

    private async Task<(List<int> Deleted, Exception? Failure)> RunAsync()
    {
        List<int> deleted = [];
        try
        {
            await foreach (var step in new CosmosDeletion(container, "userName").RunAsync("createdAt", Cutoff, default))
            {
                deleted.Add(step);
            }

            return (deleted, null);
        }
        catch (Exception e) when (e is StoreThrottledException or CosmosException)
        {
            return (deleted, e);
        }
    }

    private Task AddAsync(int count, DateTimeOffset at) => Parallel.ForEachAsync(Enumerable.Range(0, count), async (i, cancel) =>
        await container.CreateItemAsync(
            new { id = $"{Guid.NewGuid()}", userName = $"user{i % 7}", createdAt = at.ToUnixTimeMilliseconds() }, new PartitionKey($"user{i % 7}"), cancellationToken: cancel));

    private async Task<int> CountAsync()
    {
        var count = 0;
        using var pages = container.GetItemQueryIterator<object>("SELECT c.id FROM c");
        while (pages.HasMoreResults)
        {
            count += (await pages.ReadNextAsync()).Count;
        }

        return count;
    }

    private sealed class StandIn(Func<HttpRequestMessage, HttpStatusCode?> answer) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (answer(request) is not { } status)
            {
                return base.SendAsync(request, cancellationToken);
            }

            var response = new HttpResponseMessage(status) { RequestMessage = request, Content = new StringContent("{}") };
            response.Headers.Add("x-ms-retry-after-ms", "1");
            return Task.FromResult(response);
        }
    }
}

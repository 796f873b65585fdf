using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Azure.Cosmos;

namespace CommentFunctions.Comments.Stores.Cosmos;

/// <summary>Deletes items of a container by their age: a query of ids, and point deletes of a page of them at a time.</summary>
/// <remarks>
/// It needs nothing but Microsoft.Azure.Cosmos: builds without Cosmos DB's provider compile this file into the tests, which run it
/// against a server.
/// </remarks>
/// <param name="container">The container.</param>
/// <param name="partitionKey">The property that is the container's partition key.</param>
internal sealed class CosmosDeletion(Container container, string partitionKey)
{
    private const int PageSize = 1_000;

    // Some hundred deletes a second at the usual latency; beyond that a small account only answers 429.
    private const int DeletesAtOnce = 16;

    /// <summary>Deletes the items whose <paramref name="time"/> is the cutoff or earlier, and yields how many of each page.</summary>
    /// <exception cref="StoreThrottledException">The account keeps answering 429, after the client's own retries.</exception>
    public async IAsyncEnumerable<int> RunAsync(
        string time, DateTimeOffset cutoff, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new QueryDefinition($"SELECT c.id AS Id, c.{partitionKey} AS PartitionKey FROM c WHERE c.{time} <= @cutoff")
            .WithParameter("@cutoff", cutoff.ToUnixTimeMilliseconds());
        using var pages = container.GetItemQueryIterator<Item>(query, requestOptions: new() { MaxItemCount = PageSize });
        while (pages.HasMoreResults)
        {
            var page = await NextAsync(pages, cancellationToken);
            var (deleted, failure) = await DeleteAsync(page, cancellationToken);
            if (deleted > 0)
            {
                yield return deleted;
            }

            failure?.Throw();
        }
    }

    private static async Task<FeedResponse<Item>> NextAsync(FeedIterator<Item> pages, CancellationToken cancellationToken)
    {
        try
        {
            return await pages.ReadNextAsync(cancellationToken);
        }
        catch (CosmosException e) when (e.StatusCode == HttpStatusCode.TooManyRequests)
        {
            throw Throttled(e);
        }
    }

    // A failure is handed back rather than thrown: what the page deleted before it is to be counted.
    private async Task<(int Deleted, ExceptionDispatchInfo? Failure)> DeleteAsync(
        IEnumerable<Item> items, CancellationToken cancellationToken)
    {
        var deleted = 0;
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = DeletesAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(items, options, async (item, _) =>
            {
                // Not the loop's token: once a delete fails those under way go to their end, or they would be done and not counted.
                if (await DeleteAsync(item, cancellationToken))
                {
                    Interlocked.Increment(ref deleted);
                }
            });
            return (deleted, null);
        }
        catch (Exception e)
        {
            return (deleted, ExceptionDispatchInfo.Capture(e));
        }
    }

    // The stream's call answers with a status where the item's throws, and a missing item is nothing unusual here: another run,
    // or the time to live, was faster.
    private async Task<bool> DeleteAsync(Item item, CancellationToken cancellationToken)
    {
        using var response = await container.DeleteItemStreamAsync(
            item.Id, new PartitionKey(item.PartitionKey), cancellationToken: cancellationToken);
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            throw Throttled(null);
        }

        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            response.EnsureSuccessStatusCode();
        }

        return response.IsSuccessStatusCode;
    }

    private static StoreThrottledException Throttled(Exception? inner) =>
        new("Cosmos DB answers that it has too many requests; the next run goes on.", inner);

    private sealed class Item
    {
        public string Id { get; set; } = "";

        public string PartitionKey { get; set; } = "";
    }
}

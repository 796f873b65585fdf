using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Azure.Cosmos;

namespace CommentFunctions.Data.Cosmos;

/// <summary>
/// Deletes items of a container by their age: a query of ids, and transactional batches of those of one partition key. Each batch and each page
/// is tried again where that may help, and every item is counted once.
/// </summary>
/// <remarks>
/// It needs nothing but Microsoft.Azure.Cosmos: builds without Cosmos DB's provider compile this file into the tests, which run it
/// against a server.
/// </remarks>
/// <param name="container">The container.</param>
/// <param name="partitionKey">The property that is the container's partition key.</param>
/// <param name="filter">Which of the items it is about, with the property's name in items; null for all.</param>
/// <param name="throttle">How fast it may go.</param>
/// <param name="clock">Measures the pauses.</param>
internal sealed class CosmosDeletion(
    Container container, string partitionKey, RecordFilter? filter, RequestUnitThrottle throttle, TimeProvider clock)
{
    /// <summary>The most operations of a transactional batch: https://learn.microsoft.com/azure/cosmos-db/nosql/transactional-batch.</summary>
    public const int MaxBatch = 100;

    private const int PageSize = 1_000;

    // The ids of so many items are gathered before they are deleted: the more there are, the more of them share a partition key.
    private const int WindowSize = 20_000;

    private const int BatchesAtOnce = 8;
    private const int Attempts = 6;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Deletes the items whose <paramref name="time"/> is the cutoff or earlier, and yields how many of each batch.</summary>
    /// <exception cref="StoreThrottledException">The account keeps answering 429, after the client's own retries.</exception>
    /// <exception cref="CosmosException">Another failure did not pass. What was yielded is deleted.</exception>
    /// <exception cref="LostAnswerException">It did not pass after a batch that may have been done.</exception>
    public async IAsyncEnumerable<int> RunAsync(
        string time, DateTimeOffset cutoff, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<Item> window;
        do
        {
            window = await FindAsync(time, cutoff, cancellationToken);
            await foreach (var deleted in DeleteAsync(window, cancellationToken))
            {
                yield return deleted;
            }
        }
        while (window.Count >= WindowSize);
    }

    private async Task<List<Item>> FindAsync(string time, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        var (only, some) = filter switch
        {
            null => ((PartitionKey?)null, ""),
            { IsPrefix: true } => (null, $" AND STARTSWITH(c.{filter.Property}, @value)"),
            _ => (new PartitionKey(filter.Value), ""),
        };
        var query = new QueryDefinition($"SELECT c.id AS Id, c.{partitionKey} AS PartitionKey FROM c WHERE c.{time} <= @cutoff{some}")
            .WithParameter("@cutoff", cutoff.ToUnixTimeMilliseconds());
        query = some.Length > 0 ? query.WithParameter("@value", filter!.Value) : query;
        var found = new List<Item>();
        string? next = null;
        do
        {
            // An iterator that failed is of no use any more; a new one goes on where the last page ended.
            var page = await TryAsync(async () =>
            {
                var estimated = await throttle.TakeAsync(1, cancellationToken);
                using var pages = container.GetItemQueryIterator<Item>(query, next, new() { MaxItemCount = PageSize, PartitionKey = only });
                var page = await pages.ReadNextAsync(cancellationToken);
                throttle.Charge(estimated, page.RequestCharge, 0);
                return page;
            }, cancellationToken);
            found.AddRange(page);
            next = page.ContinuationToken;
        }
        while (next is not null && found.Count < WindowSize);
        return found;
    }

    // Several batches at once; when one fails for good those under way go to their end, and are counted, before it is told.
    private async IAsyncEnumerable<int> DeleteAsync(List<Item> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var counts = Channel.CreateUnbounded<int>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = Task.Run(async () =>
        {
            Exception? failure = null;
            try
            {
                var options = new ParallelOptions { MaxDegreeOfParallelism = BatchesAtOnce, CancellationToken = stop.Token };
                await Parallel.ForEachAsync(Batches(items), options, async (batch, _) =>
                    await counts.Writer.WriteAsync(await DeleteBatchAsync(batch, stop.Token), CancellationToken.None));
            }
            catch (Exception e)
            {
                failure = e;
            }

            counts.Writer.Complete(failure);
        }, CancellationToken.None);
        try
        {
            await foreach (var count in counts.Reader.ReadAllAsync(CancellationToken.None))
            {
                if (count > 0)
                {
                    yield return count;
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await work;
        }
    }

    // A batch is cut right before it is sent: how large one may be changes with what the first ones cost.
    private IEnumerable<Batch> Batches(List<Item> items)
    {
        foreach (var partition in items.GroupBy(item => item.PartitionKey))
        {
            var ids = partition.Select(item => item.Id).ToList();
            for (var from = 0; from < ids.Count;)
            {
                var size = Math.Min(throttle.ItemsAtOnce, ids.Count - from);
                yield return new(partition.Key, ids.GetRange(from, size));
                from += size;
            }
        }
    }

    // One that is gone, by another run or by its time to live, rolls the whole back: the others are tried again without it.
    private async Task<int> DeleteBatchAsync(Batch batch, CancellationToken cancellationToken)
    {
        var mayBeDone = false;
        while (true)
        {
            HttpStatusCode status;
            try
            {
                status = await TryAsync(() => DeleteOnceAsync(batch, () => mayBeDone = true, cancellationToken), cancellationToken);
            }
            catch (Exception e) when (mayBeDone)
            {
                throw new LostAnswerException(batch.Ids.Count, e);
            }

            if (status != HttpStatusCode.NotFound)
            {
                return batch.Ids.Count;
            }

            var left = await TryAsync(() => FindLeftAsync(batch, cancellationToken), cancellationToken);
            if (left.Count == 0)
            {
                // All of them at once: by the attempt whose answer was lost.
                return mayBeDone ? batch.Ids.Count : 0;
            }

            (batch, mayBeDone) = (batch with { Ids = left }, false);
        }
    }

    private async Task<HttpStatusCode> DeleteOnceAsync(Batch batch, Action uncertain, CancellationToken cancellationToken)
    {
        var estimated = await throttle.TakeAsync(batch.Ids.Count, cancellationToken);
        var deletion = container.CreateTransactionalBatch(new PartitionKey(batch.PartitionKey));
        foreach (var id in batch.Ids)
        {
            deletion.DeleteItem(id);
        }

        try
        {
            // Not with the caller's token: what is under way goes to its end, or it would be done and not counted.
            using var response = await deletion.ExecuteAsync(CancellationToken.None);
            throttle.Charge(estimated, response.RequestCharge, response.IsSuccessStatusCode ? batch.Ids.Count : 0);
            return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound
                ? response.StatusCode
                : throw new CosmosException(
                    response.ErrorMessage, response.StatusCode, 0, response.ActivityId, response.RequestCharge);
        }
        catch (Exception e) when (CosmosFailures.IsTransient(e) && e is not CosmosException { StatusCode: HttpStatusCode.TooManyRequests })
        {
            uncertain();
            throw;
        }
    }

    private async Task<List<string>> FindLeftAsync(Batch batch, CancellationToken cancellationToken)
    {
        var names = batch.Ids.Select((_, i) => $"@id{i}").ToList();
        var query = batch.Ids.Zip(names).Aggregate(
            new QueryDefinition($"SELECT VALUE c.id FROM c WHERE c.id IN ({string.Join(", ", names)})"), (query, id) => query.WithParameter(id.Second, id.First));
        var left = new List<string>();
        using var pages = container.GetItemQueryIterator<string>(query, requestOptions: new() { PartitionKey = new PartitionKey(batch.PartitionKey) });
        while (pages.HasMoreResults)
        {
            var estimated = await throttle.TakeAsync(1, cancellationToken);
            var page = await pages.ReadNextAsync(cancellationToken);
            throttle.Charge(estimated, page.RequestCharge, 0);
            left.AddRange(page);
        }

        return left;
    }

    private async Task<T> TryAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            TimeSpan? asked;
            try
            {
                return await attempt();
            }
            catch (Exception e) when (CosmosFailures.IsTransient(e) && !cancellationToken.IsCancellationRequested)
            {
                var throttled = e is CosmosException { StatusCode: HttpStatusCode.TooManyRequests };
                if (number == Attempts)
                {
                    throw throttled ? new StoreThrottledException("Cosmos DB answers that it has too many requests; the next run goes on.", e) : e;
                }

                if (throttled)
                {
                    throttle.SlowDown();
                }

                asked = (e as CosmosException)?.RetryAfter;
            }

            var pause = FirstPause * Math.Pow(2, number - 1) * (0.5 + Random.Shared.NextDouble());
            await Task.Delay(asked > pause ? asked.Value : pause, clock, cancellationToken);
        }
    }

    /// <summary>A batch failed whose answer was lost before: its items may be gone, or not.</summary>
    public sealed class LostAnswerException(int items, Exception inner)
        : Exception($"The answer to the deletion of {items} items was lost, which may be gone uncounted: {inner.Message}", inner);

    private sealed record Batch(string PartitionKey, List<string> Ids);

    private sealed class Item
    {
        public string Id { get; set; } = "";

        public string PartitionKey { get; set; } = "";
    }
}

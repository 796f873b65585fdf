using System.Collections.ObjectModel;
using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace CommentFunctions.Data.Cosmos;

/// <summary>Makes the containers of a database as their policies say, and finds what keeps those that are there from being of use.</summary>
/// <param name="client">The account.</param>
/// <param name="database">The database's name.</param>
/// <param name="retention">How old a comment becomes.</param>
/// <param name="isDeleter">Whether the containers' time to live is to delete, and not the job.</param>
/// <param name="clock">Measures <see cref="Timeout"/>.</param>
/// <remarks>It needs nothing but Microsoft.Azure.Cosmos, as <see cref="CosmosDeletion"/> does. EF's provider makes no composite indexes.</remarks>
internal sealed class CosmosSchema(CosmosClient client, string database, TimeSpan retention, bool isDeleter, TimeProvider clock)
{
    /// <summary>How long a question may take to an account that says nothing at all: what is wrong is to be told within 10 seconds.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(7);

    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<ContainerPolicy> policies = ContainerPolicy.All(retention, ContainerPolicy.SlackOf(isDeleter));

    /// <summary>Asks the account what it is: the first of all requests.</summary>
    /// <exception cref="TimeoutException">It did not answer.</exception>
    public Task ReachAsync(CancellationToken cancellationToken) => AnswerAsync(client.ReadAccountAsync(), cancellationToken);

    /// <summary>Makes what is missing: the database, containers, their indexes and a time to live that is too short.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        var made = (await client.CreateDatabaseIfNotExistsAsync(database, cancellationToken: cancellationToken)).Database;
        foreach (var policy in policies)
        {
            await CreateAsync(made, policy, cancellationToken);
        }
    }

    /// <summary>What is wrong with the containers, in one line with what to do; null where nothing is.</summary>
    /// <exception cref="CosmosException">They cannot be looked at.</exception>
    /// <exception cref="TimeoutException">The account did not answer.</exception>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        foreach (var policy in policies)
        {
            try
            {
                var container = await AnswerAsync(client.GetContainer(database, policy.Name).ReadContainerAsync(cancellationToken: cancellationToken), cancellationToken);
                if (ProblemOf(container.Resource, policy) is { } problem)
                {
                    return problem;
                }
            }
            catch (CosmosException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                return $"Comments:Database is '{database}', and the account has no such database with a container '{policy.Name}'. Correct the setting, "
                    + "let infra/ make them, or set Comments:CreateSchema to true for one start with a key that may.";
            }
        }

        return null;
    }

    // The SDK does much before its first request, and on a busy machine that alone may take this long: a machine that answers is waited for.
    private async Task<T> AnswerAsync<T>(Task<T> question, CancellationToken cancellationToken)
    {
        try
        {
            return await question.WaitAsync(Timeout, clock, cancellationToken);
        }
        catch (TimeoutException) when (!question.IsCompleted)
        {
            if (!await IsThereAsync(cancellationToken))
            {
                throw;
            }
        }

        return await question.WaitAsync(cancellationToken);
    }

    private async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = ProbeTimeout };
        try
        {
            using var answer = await http.GetAsync(client.Endpoint, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return true;
        }
        catch (HttpRequestException e)
        {
            // The certificate of an emulator is an answer too.
            return e.HttpRequestError == HttpRequestError.SecureConnectionError;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task CreateAsync(Database made, ContainerPolicy policy, CancellationToken cancellationToken)
    {
        var wanted = PropertiesOf(policy);
        try
        {
            ContainerProperties container = await made.GetContainer(policy.Name).ReadContainerAsync(cancellationToken: cancellationToken);
            if (IsSamePartition(container, policy) && ProblemOf(container, policy) is not null)
            {
                await made.GetContainer(policy.Name).ReplaceContainerAsync(wanted, cancellationToken: cancellationToken);
            }
        }
        catch (CosmosException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // If not exists: another instance that starts now may have been faster.
            await made.CreateContainerIfNotExistsAsync(wanted, cancellationToken: cancellationToken);
        }
    }

    private static ContainerProperties PropertiesOf(ContainerPolicy policy)
    {
        var properties = new ContainerProperties(policy.Name, "/" + policy.PartitionKey) { DefaultTimeToLive = policy.TimeToLive };
        foreach (var property in policy.Indexed)
        {
            properties.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = $"/{property}/?" });
        }

        properties.IndexingPolicy.ExcludedPaths.Add(new ExcludedPath { Path = "/*" });
        if (policy.SortedBy is { } sorted)
        {
            properties.IndexingPolicy.CompositeIndexes.Add([Descending(sorted), Descending(ContainerPolicy.Id)]);
        }

        return properties;
    }

    private static CompositePath Descending(string property) => new() { Path = "/" + property, Order = CompositePathSortOrder.Descending };

    private static bool IsSamePartition(ContainerProperties container, ContainerPolicy policy) => container.PartitionKeyPath == "/" + policy.PartitionKey;

    private string? ProblemOf(ContainerProperties container, ContainerPolicy policy)
    {
        if (!IsSamePartition(container, policy))
        {
            return $"The container '{policy.Name}' in the database of Comments:Database has the partition key {container.PartitionKeyPath}, and the app "
                + $"needs /{policy.PartitionKey}. A container keeps its key: delete this one, or set Comments:Database to another database.";
        }

        if (policy.Indexed.FirstOrDefault(property => !IsIndexed(container.IndexingPolicy, property)) is { } missing)
        {
            return $"The container '{policy.Name}' in the database of Comments:Database has no index of /{missing}, by which the app finds its items. "
                + "Index it as infra/ does, or set Comments:CreateSchema to true for one start.";
        }

        if (policy.SortedBy is { } sorted && !container.IndexingPolicy.CompositeIndexes.Any(index => IsDescendingBy(index, sorted)))
        {
            return $"The container '{policy.Name}' in the database of Comments:Database has no composite index of /{sorted} and /id, both descending, by which "
                + "the app sorts. Index it as infra/ does, or set Comments:CreateSchema to true for one start.";
        }

        return ProblemOfTime(container, policy);
    }

    private string? ProblemOfTime(ContainerProperties container, ContainerPolicy policy)
    {
        if (policy.Kept is not { } kept)
        {
            return null;
        }

        if (container.DefaultTimeToLive is not > 0)
        {
            // The job deletes without it.
            return isDeleter
                ? $"Comments:ExpireBy is TimeToLive, and the container '{policy.Name}' has no time to live. Set it to {policy.TimeToLive} seconds, or "
                    + "Comments:CreateSchema to true for one start."
                : null;
        }

        var lifetime = TimeSpan.FromSeconds(container.DefaultTimeToLive.Value);
        return lifetime < kept
            ? $"Comments:Retention is {retention}, and by its time to live the container '{policy.Name}' drops items {lifetime} after they were written, which "
                + $"are to be kept for {kept}. Set it to {policy.TimeToLive} seconds, or Comments:CreateSchema to true for one start."
            : null;
    }

    private static bool IsIndexed(IndexingPolicy indexing, string property)
    {
        var paths = new[] { $"/{property}/?", $"/{property}/*", "/*" };
        return indexing.IncludedPaths.Any(path => paths.Contains(path.Path)) && !indexing.ExcludedPaths.Any(path => path.Path == paths[0] || path.Path == paths[1]);
    }

    private static bool IsDescendingBy(Collection<CompositePath> index, string property) =>
        index is [{ } first, { } second] && first.Path == "/" + property && second.Path == "/" + ContainerPolicy.Id && first.Order == second.Order;
}

/// <summary>What a container of Cosmos DB has to be like for a kind of record. infra/ makes the same.</summary>
/// <param name="Name">Its name.</param>
/// <param name="PartitionKey">The property of its items that is the partition key.</param>
/// <param name="Kept">How long its items are kept at the least; null for ever.</param>
/// <param name="Slack">How much longer the container keeps them before they vanish by themselves.</param>
/// <param name="Indexed">The properties that are indexed; no others are, which makes writes cheaper.</param>
/// <param name="SortedBy">The property by which queries sort, descending, then by id: such an order takes a composite index; null for none.</param>
public sealed record ContainerPolicy(
    string Name, string PartitionKey, TimeSpan? Kept, TimeSpan Slack, IReadOnlyList<string> Indexed, string? SortedBy)
{
    /// <summary>The partition key of records that are all in one partition, and its value.</summary>
    public const string OnePartition = "partition";

    /// <summary>The id of an item, by which queries sort last.</summary>
    public const string Id = "id";

    /// <summary>Seconds after an item's last write at which it vanishes; -1 for never.</summary>
    public int TimeToLive => Kept is { } kept ? (int)(kept + Slack).TotalSeconds : -1;

    /// <summary>
    /// The job's rule is the time in the item. The time to live only catches what no run came for; it counts from an item's last
    /// write, and a day more keeps it from deleting, uncounted, what the next run is about to delete.
    /// </summary>
    public static readonly TimeSpan UsualSlack = TimeSpan.FromDays(1);

    /// <summary>The slack where the time to live itself is to delete.</summary>
    public static readonly TimeSpan ShortSlack = TimeSpan.FromHours(1);

    /// <summary>The slack, by whether the time to live itself is to delete.</summary>
    public static TimeSpan SlackOf(bool isDeleter) => isDeleter ? ShortSlack : UsualSlack;

    /// <summary>The containers of all kinds of records under this retention.</summary>
    public static IReadOnlyList<ContainerPolicy> All(TimeSpan retention, TimeSpan slack) => [.. RecordKinds.All.Select(kind => Of(kind, retention, slack))];

    /// <summary>The container of a kind of record.</summary>
    public static ContainerPolicy Of(RecordKind kind, TimeSpan retention, TimeSpan slack)
    {
        var partitionKey = kind.PartitionKey is { } property ? JsonName(property) : OnePartition;
        var indexed = new[] { kind.PartitionKey, kind.Time, kind.SortedBy }.OfType<string>().Concat(kind.AlsoAskedFor)
            .Select(JsonName).Where(name => name != Id).Distinct();
        return new(kind.Container, partitionKey, kind.Lifetime(retention), slack, [.. indexed], kind.SortedBy is { } sorted ? JsonName(sorted) : null);
    }

    /// <summary>A property's name in items.</summary>
    public static string JsonName(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);
}

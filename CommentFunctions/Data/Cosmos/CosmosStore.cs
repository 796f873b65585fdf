using System.Data.Common;
using System.Net;
using Azure.Identity;
using CommentFunctions.Failures;
using CommentFunctions.Settings;
using Microsoft.Azure.Cosmos;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Data.Cosmos;

/// <summary>Comments in Azure Cosmos DB. Saves that fail for a passing reason are tried again.</summary>
public sealed class CosmosStore(IOptions<CommentOptions> options, TimeProvider clock) : CommentStore
{
    // No item of the app's has it.
    private const string NoItem = "commentfunctions-probe";

    public override string Name => StoreNames.Cosmos;

    public override string Location =>
        $"the database {Settings.Database} of the Cosmos DB account at {Settings.AccountEndpoint ?? AddressIn(Settings.ConnectionString)}";

    public override bool ExpiresByItself => Settings.ExpireBy.Equals(CommentOptions.TimeToLive, StringComparison.OrdinalIgnoreCase);

    public override TimeSpan SlackOfExpiry => ContainerPolicy.SlackOf(ExpiresByItself);

    public override IEnumerable<string> Check(CommentOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString) == (options.AccountEndpoint is null))
        {
            yield return "Comments:Store is Cosmos, which takes either Comments:ConnectionString or, to open the account with the app's "
                + "identity, Comments:AccountEndpoint. One of them has to be set, and not both.";
        }
        else if (options.AccountEndpoint is { IsAbsoluteUri: false } or { Scheme: not ("http" or "https") })
        {
            yield return "Comments:AccountEndpoint is no address. Allowed: https://<account>.documents.azure.com.";
        }
        else if (options.AccountEndpoint is null && AddressIn(options.ConnectionString) is null)
        {
            yield return "Comments:ConnectionString is not a connection string for Cosmos DB. Allowed: AccountEndpoint=https://<account>.documents.azure.com;AccountKey=<key>.";
        }

        if (string.IsNullOrWhiteSpace(options.Database))
        {
            yield return "Comments:Database is empty. Allowed: the name of the Cosmos DB database.";
        }
    }

    public override void Configure(DbContextOptionsBuilder options)
    {
        var settings = Settings;
        _ = settings.AccountEndpoint is { } account
            ? options.UseCosmos(account.ToString(), AzureCredential.Choose(settings.Credential, settings.ClientId), settings.Database, Configure)
            : options.UseCosmos(settings.ConnectionString!, settings.Database, cosmos =>
            {
                Configure(cosmos);
                if (AddressIn(settings.ConnectionString) is { IsLoopback: true })
                {
                    // An emulator: it speaks HTTP only, and the addresses that it tells are those of its container.
                    cosmos.ConnectionMode(ConnectionMode.Gateway).LimitToEndpoint();
                }
            });
        options.ReplaceService<IModelCustomizer, CosmosModel>();

        static void Configure(CosmosDbContextOptionsBuilder cosmos) => cosmos.ExecutionStrategy(dependencies => new CosmosRetryStrategy(dependencies));
    }

    public override async Task PrepareAsync(CommentDbContext db, CommentSchema schema, bool create, CancellationToken cancellationToken)
    {
        var containers = new CosmosSchema(db.Database.GetCosmosClient(), Settings.Database, db.GetService<Retention>().Age, ExpiresByItself, clock);
        string? problem;
        try
        {
            // Beside one another: each is a fair part of what a new process does before its first reply.
            await Task.WhenAll(containers.ReachAsync(cancellationToken), Task.Run(() => db.Model, cancellationToken));
            if (create)
            {
                await containers.CreateAsync(cancellationToken);
            }

            problem = await containers.FindProblemAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException && CosmosFailures.Explain(e) is { } reason)
        {
            var setting = Settings.AccountEndpoint is null ? nameof(CommentOptions.ConnectionString) : nameof(CommentOptions.AccountEndpoint);
            problem = $"Comments:{setting} leads to {Location}, which cannot be used: {reason}";
        }

        if (problem is not null)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(CommentOptions), [problem]);
        }
    }

    /// <remarks>
    /// No container knows of another: a user's comments are deleted with the user here. And there are no transactions: what was
    /// saved before another part failed stays.
    /// </remarks>
    public override async Task<int> SaveAsync(CommentDbContext db, bool acceptAllChanges, CancellationToken cancellationToken)
    {
        foreach (var user in db.ChangeTracker.Entries<User>().Where(e => e.State == EntityState.Deleted).Select(e => e.Entity.UserName).ToList())
        {
            db.Comments.RemoveRange(await db.Comments.Where(c => c.UserName == user).ToListAsync(cancellationToken));
        }

        foreach (var record in db.ChangeTracker.Entries().Where(e => e.Metadata.FindProperty(ContainerPolicy.OnePartition) is not null))
        {
            record.Property(ContainerPolicy.OnePartition).CurrentValue = record.Metadata.GetContainer();
        }

        foreach (var added in db.ChangeTracker.Entries().Where(e => e.State == EntityState.Added))
        {
            added.Property(CosmosModel.SavedAs).CurrentValue = $"{Guid.NewGuid():N}";
        }

        for (var recognised = 0; ; recognised++)
        {
            try
            {
                return recognised + await base.SaveAsync(db, acceptAllChanges, cancellationToken);
            }
            catch (DbUpdateException e) when (e.Entries is [{ State: EntityState.Added }]
                && e.InnerException is CosmosException { StatusCode: HttpStatusCode.Conflict })
            {
                // Another writer's; or our own, whose answer was lost.
                if (!await IsOwnAsync(e.Entries[0], cancellationToken))
                {
                    throw;
                }

                e.Entries[0].State = EntityState.Unchanged;
            }
        }
    }

    /// <remarks>It deletes an item that no container has, which takes the right to write, the place that writes, and one request unit each.</remarks>
    public override async Task<string?> CheckWritableAsync(CommentDbContext db, CancellationToken cancellationToken)
    {
        var client = db.Database.GetCosmosClient();
        var answers = await Task.WhenAll(ContainerPolicy.All(db.GetService<Retention>().Age, SlackOfExpiry).Select(policy =>
            TryDeletionAsync(client.GetContainer(Settings.Database, policy.Name), cancellationToken)));
        return answers.FirstOrDefault(problem => problem is not null);
    }

    public override IQueryable<ExpiryRun> Runs(CommentDbContext db) => db.ExpiryRuns.WithPartitionKey(RecordKinds.Runs.Container);

    /// <remarks>No step is counted in the run's record: a container has no transaction with another.</remarks>
    public override IAsyncEnumerable<int> DeleteAsync(
        CommentDbContext db, RecordKind kind, DateTimeOffset cutoff, ExpiryRun? countedIn, CancellationToken cancellationToken)
    {
        var policy = ContainerPolicy.Of(kind, db.GetService<Retention>().Age, SlackOfExpiry);
        var container = db.Database.GetCosmosClient().GetContainer(Settings.Database, policy.Name);
        var filter = kind.Filter is { } some ? some with { Property = ContainerPolicy.JsonName(some.Property) } : null;
        return new CosmosDeletion(container, policy.PartitionKey, filter, new(Settings.RequestUnitsPerSecond, clock), clock)
            .RunAsync(ContainerPolicy.JsonName(kind.Time!), cutoff, cancellationToken);
    }

    /// <remarks>A comment that is written meanwhile needs no user to be found; the next one makes the user again.</remarks>
    public override async Task RemoveUserAsync(CommentDbContext db, string userName, CancellationToken cancellationToken)
    {
        if (await db.Comments.Where(c => c.UserName == userName).Take(1).ToListAsync(cancellationToken) is [])
        {
            await db.Database.CreateExecutionStrategy().ExecuteAsync(cancel => RemoveAsync(db, userName, cancel), cancellationToken);
        }
    }

    public override Outage? FindOutage(Exception exception) => CosmosFailures.FindOutage(exception);

    private CommentOptions Settings => options.Value;

    // Null for text that is no such connection string, with an address and a key that can be one.
    private static Uri? AddressIn(string? connectionString)
    {
        DbConnectionStringBuilder parts;
        try
        {
            parts = new() { ConnectionString = connectionString ?? "" };
        }
        catch (ArgumentException)
        {
            return null;
        }

        return parts.TryGetValue("AccountEndpoint", out var endpoint)
            && Uri.TryCreate($"{endpoint}", UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https"
            && parts.TryGetValue("AccountKey", out var key)
            && $"{key}" is { Length: > 0 } text
            && Convert.TryFromBase64String(text, new byte[text.Length], out _)
            ? address
            : null;
    }

    // Not by the context, which would delete the comments too that the user writes meanwhile.
    private async Task RemoveAsync(CommentDbContext db, string userName, CancellationToken cancellationToken)
    {
        using var answer = await db.Database.GetCosmosClient().GetContainer(Settings.Database, RecordKinds.Users.Container)
            .DeleteItemStreamAsync(CosmosIds.Escape(userName), new PartitionKey(userName), cancellationToken: cancellationToken);
        if (answer.StatusCode != HttpStatusCode.NotFound)
        {
            answer.EnsureSuccessStatusCode();
        }
    }

    // Deletes an item that is not there; returns what keeps others from being deleted and written, null where nothing does.
    private static async Task<string?> TryDeletionAsync(Container container, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await container.DeleteItemStreamAsync(NoItem, new PartitionKey(NoItem), cancellationToken: cancellationToken);
            return answer.StatusCode switch
            {
                HttpStatusCode.NotFound when answer.Headers["x-ms-substatus"] == $"{CosmosFailures.OwnerMissing}" => "it lacks a container of the app",
                HttpStatusCode.NotFound => null,
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "the account does not let the app write",
                HttpStatusCode.TooManyRequests => "the account is throttling",
                HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout => "the account does not answer",
                var status when (int)status >= 400 => $"the account answers {(int)status}",
                _ => null,
            };
        }
        catch (Exception e) when (e is HttpRequestException or AuthenticationFailedException)
        {
            return e is HttpRequestException ? "the account cannot be reached" : "nobody could be signed in to the account";
        }
    }

    private static async Task<bool> IsOwnAsync(EntityEntry entry, CancellationToken cancellationToken) =>
        await entry.GetDatabaseValuesAsync(cancellationToken) is { } stored
        && stored[CosmosModel.SavedAs] is string savedAs
        && savedAs == (string?)entry.Property(CosmosModel.SavedAs).CurrentValue;
}

/// <summary>
/// Tries a save again that failed for a passing reason. Not one that was throttled: Cosmos DB's client has tried ten times
/// before it says so, and more attempts would add to the load.
/// </summary>
internal sealed class CosmosRetryStrategy(ExecutionStrategyDependencies dependencies) : ExecutionStrategy(dependencies, Retries, LongestPause)
{
    private const int Retries = 4;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    protected override bool ShouldRetryOn(Exception exception) =>
        CosmosFailures.IsTransient(exception) && exception is not CosmosException { StatusCode: HttpStatusCode.TooManyRequests };
}

using System.Data.Common;
using System.Runtime.CompilerServices;
using CommentFunctions.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Comments.Stores.Cosmos;

/// <summary>Comments in Azure Cosmos DB.</summary>
public sealed class CosmosStore(IOptions<CommentOptions> options) : CommentStore
{
    /// <inheritdoc/>
    public override string Name => StoreNames.Cosmos;

    /// <inheritdoc/>
    public override string Place => $"the database {Settings.Database} of a Cosmos DB account";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(CommentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (string.IsNullOrWhiteSpace(options.ConnectionString) == (options.AccountEndpoint is null))
        {
            yield return "Comments:Store is Cosmos, which takes either Comments:ConnectionString or, to open the account with the app's "
                + "identity, Comments:AccountEndpoint. One of them has to be set, and not both.";
        }

        if (string.IsNullOrWhiteSpace(options.Database))
        {
            yield return "Comments:Database is empty. Allowed: the name of the Cosmos DB database.";
        }
    }

    /// <inheritdoc/>
    public override void Configure(DbContextOptionsBuilder options)
    {
        var settings = Settings;
        _ = settings.AccountEndpoint is { } account
            ? options.UseCosmos(account.ToString(), AzureCredential.Choose(settings.Credential, settings.ClientId), settings.Database)
            : options.UseCosmos(settings.ConnectionString!, settings.Database, cosmos =>
            {
                if (IsOnThisMachine(settings.ConnectionString!))
                {
                    // An emulator: it speaks HTTP only, and the addresses that it tells are those of its container.
                    cosmos.ConnectionMode(Microsoft.Azure.Cosmos.ConnectionMode.Gateway).LimitToEndpoint();
                }
            });
        options.ReplaceService<IModelCustomizer, CosmosModel>();
    }

    /// <inheritdoc/>
    public override Task PrepareAsync(CommentDbContext db, bool create, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return create ? db.Database.EnsureCreatedAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>No container knows of another: a user's comments are deleted with the user here.</remarks>
    public override async Task<int> SaveAsync(CommentDbContext db, bool acceptAllChanges, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        foreach (var user in db.ChangeTracker.Entries<User>().Where(e => e.State == EntityState.Deleted).Select(e => e.Entity.UserName).ToList())
        {
            db.Comments.RemoveRange(await db.Comments.Where(c => c.UserName == user).ToListAsync(cancellationToken));
        }

        return await base.SaveAsync(db, acceptAllChanges, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<long> CountExpiredAsync(CommentDbContext db, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.Comments.LongCountAsync(c => c.CreatedAt <= cutoff, cancellationToken);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<int> DeleteExpiredAsync(
        CommentDbContext db, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        DeleteAsync(db, CosmosContainers.Comments, cutoff, cancellationToken);

    /// <inheritdoc/>
    public override async IAsyncEnumerable<int> DeleteTracesAsync(
        CommentDbContext db, TraceCutoffs cutoffs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cutoffs);
        IAsyncEnumerable<int>[] parts =
        [
            DeleteAsync(db, CosmosContainers.Conversations, cutoffs.Turns, cancellationToken),
            DeleteAsync(db, CosmosContainers.Deliveries, cutoffs.Deliveries, cancellationToken),
            DeleteAsync(db, CosmosContainers.Runs, cutoffs.Runs, cancellationToken),
        ];
        foreach (var part in parts)
        {
            await foreach (var deleted in part)
            {
                yield return deleted;
            }
        }
    }

    private static bool IsOnThisMachine(string connectionString) =>
        new DbConnectionStringBuilder { ConnectionString = connectionString }.TryGetValue("AccountEndpoint", out var endpoint)
        && Uri.TryCreate($"{endpoint}", UriKind.Absolute, out var address)
        && address.IsLoopback;

    private CommentOptions Settings => options.Value;

    private IAsyncEnumerable<int> DeleteAsync(
        CommentDbContext db, CosmosContainer container, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        new CosmosDeletion(db.Database.GetCosmosClient().GetContainer(Settings.Database, container.Name), container.PartitionKey)
            .RunAsync(container.Time!, cutoff, cancellationToken);
}

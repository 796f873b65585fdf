using CommentFunctions.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Expiry;

/// <summary>Has runs of the expiry job watched and reported.</summary>
public sealed partial class ExpiryWatches(
    IServiceScopeFactory scopes, CommentStore store, IExpiryReporter reporter, TimeProvider clock, ILogger<ExpiryWatches> logger)
{
    /// <summary>Begins to watch a run that is about to delete.</summary>
    internal ExpiryWatch Begin(ExpiryRun run) => new(run, cancel => CountAsync(run, cancel), reporter, clock);

    // In a context of its own: the run's has a statement under way or settings made for deleting. And a run does not fail because
    // nobody knows how much it has to do.
    private async Task<long?> CountAsync(ExpiryRun run, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();
            return await store.CountExpiredAsync(db, run.Cutoff, cancellationToken);
        }
        catch (Exception e)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                Log.NotCounted(logger, e, run.Id);
            }

            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What expiry run {Id} has to delete could not be counted; the run goes on.")]
        public static partial void NotCounted(ILogger logger, Exception exception, Guid id);
    }
}

using CommentFunctions.Comments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Expiry;

/// <summary>
/// Keeps the records of runs. Each write has a context of its own: the job's may be what failed, and the record has to say so.
/// </summary>
public sealed class ExpiryRunLog(IServiceScopeFactory scopes)
{
    // A run that was cancelled is recorded all the same, but must not hold up the host's stop.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Records that a run began.</summary>
    public Task BeginAsync(ExpiryRun run, CancellationToken cancellationToken) =>
        SaveAsync(run, EntityState.Added, cancellationToken);

    /// <summary>Records how a run ended, also when the run itself was cancelled.</summary>
    public async Task EndAsync(ExpiryRun run)
    {
        using var timeout = new CancellationTokenSource(EndTimeout);
        await SaveAsync(run, EntityState.Modified, timeout.Token);
    }

    private async Task SaveAsync(ExpiryRun run, EntityState state, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();
        db.Entry(run).State = state;
        await db.SaveChangesAsync(cancellationToken);
    }
}

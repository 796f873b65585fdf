using System.Data;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Data.Relational;

/// <summary>
/// Counts what each step deletes in the run's record, in the step's own transaction: the record is exact however the run ends, by a
/// kill or a lost answer too.
/// </summary>
/// <param name="db">The context that deletes.</param>
/// <param name="run">The run.</param>
/// <param name="pace">How large the steps are, and what is between them.</param>
internal sealed class RecordedBatches(CommentDbContext db, ExpiryRun run, IDeletionBatches pace) : IDeletionBatches
{
    public int Size => pace.Size;

    public bool Shrink(Exception failure) => pace.Shrink(failure);

    public Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken) =>
        pace.StepAsync(cancel => db.Database.CreateExecutionStrategy().ExecuteAsync(again => DeleteAsync(work, again), cancel), cancellationToken);

    private async Task<int> DeleteAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        // Read committed, whatever the database's default is: runs at once, and the run's own signs of life, write the same row.
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        var deleted = await work(cancellationToken);
        if (deleted > 0)
        {
            await db.ExpiryRuns.Where(r => r.Id == run.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.Deleted, r => r.Deleted + deleted), cancellationToken);
        }

        await transaction.CommitAsync(CancellationToken.None);
        return deleted;
    }
}

using System.Runtime.CompilerServices;
using CommentFunctions.Comments;
using CommentFunctions.Comments.Stores;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Support;

/// <summary>A store whose deletion is interrupted after its first step.</summary>
public sealed class BrokenStore(CommentStore inner, Action afterFirstStep) : CommentStore
{
    public override string Name => inner.Name;

    public override IEnumerable<string> Check(CommentOptions options) => inner.Check(options);

    public override void Configure(DbContextOptionsBuilder options) => inner.Configure(options);

    public override Task CreateSchemaAsync(CommentDbContext db, CancellationToken cancellationToken) =>
        inner.CreateSchemaAsync(db, cancellationToken);

    public override ValueTask<IDisposable?> EnterWriteAsync(CancellationToken cancellationToken) => inner.EnterWriteAsync(cancellationToken);

    public override Task<long> CountExpiredAsync(CommentDbContext db, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        inner.CountExpiredAsync(db, cutoff, cancellationToken);

    public override async IAsyncEnumerable<int> DeleteExpiredAsync(
        CommentDbContext db, DateTimeOffset cutoff, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var deleted in inner.DeleteExpiredAsync(db, cutoff, cancellationToken))
        {
            yield return deleted;
            afterFirstStep();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public override IAsyncEnumerable<int> DeleteTracesAsync(
        CommentDbContext db, TraceCutoffs cutoffs, CancellationToken cancellationToken) =>
        inner.DeleteTracesAsync(db, cutoffs, cancellationToken);
}

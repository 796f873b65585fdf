using System.Runtime.CompilerServices;
using CommentFunctions.Data;
using CommentFunctions.Failures;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Support;

/// <summary>A store that something happens to: at a step of its deletion, before the job hears of it or after, or before a write.</summary>
public class DisturbedStore(
    CommentStore inner, Action? afterStep = null, Func<Task>? beforeWrite = null, Action? beforeStep = null) : CommentStore
{
    public override string Name => inner.Name;

    public override IEnumerable<string> Check(CommentOptions options) => inner.Check(options);

    public override void Configure(DbContextOptionsBuilder options) => inner.Configure(options);

    public override string Location => inner.Location;

    public override bool ExpiresByItself => inner.ExpiresByItself;

    public override TimeSpan SlackOfExpiry => inner.SlackOfExpiry;

    public override bool CountsInRecord => inner.CountsInRecord;

    public override Task PrepareAsync(CommentDbContext db, CommentSchema schema, bool create, CancellationToken cancellationToken) =>
        inner.PrepareAsync(db, schema, create, cancellationToken);

    public override async Task<int> SaveAsync(CommentDbContext db, bool acceptAllChanges, CancellationToken cancellationToken)
    {
        await (beforeWrite?.Invoke() ?? Task.CompletedTask);
        return await inner.SaveAsync(db, acceptAllChanges, cancellationToken);
    }

    public override Task RemoveUserAsync(CommentDbContext db, string userName, CancellationToken cancellationToken) =>
        inner.RemoveUserAsync(db, userName, cancellationToken);

    public override Task<bool> MakeRoomAsync(CommentDbContext db, Exception failure, CancellationToken cancellationToken) =>
        inner.MakeRoomAsync(db, failure, cancellationToken);

    public override string? FindHint(Exception failure) => inner.FindHint(failure);

    public override Task<string?> CheckWritableAsync(CommentDbContext db, CancellationToken cancellationToken) =>
        inner.CheckWritableAsync(db, cancellationToken);

    public override IQueryable<ExpiryRun> Runs(CommentDbContext db) => inner.Runs(db);

    public override Outage? FindOutage(Exception exception) => inner.FindOutage(exception);

    public override Task ReclaimSpaceAsync(CommentDbContext db, CancellationToken cancellationToken) => inner.ReclaimSpaceAsync(db, cancellationToken);

    public override IAsyncEnumerable<int> DeleteAsync(
        CommentDbContext db, RecordKind kind, DateTimeOffset cutoff, ExpiryRun? countedIn, CancellationToken cancellationToken)
    {
        var steps = inner.DeleteAsync(db, kind, cutoff, countedIn, cancellationToken);
        return kind == RecordKinds.Comments ? DisturbAsync(steps, cancellationToken) : steps;
    }

    private async IAsyncEnumerable<int> DisturbAsync(IAsyncEnumerable<int> steps, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var deleted in steps)
        {
            beforeStep?.Invoke();
            yield return deleted;
            afterStep?.Invoke();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}

using System.Data;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Data;

/// <summary>
/// Deletes range by range of a key, each range one set-based statement of its own: what was deleted stays deleted, and several runs
/// at once delete each row once.
/// </summary>
internal static class BatchedDeletion
{
    // Each is a parameter of the statement.
    private const int MostIds = 1_000;

    /// <summary>
    /// Deletes the rows whose time is the cutoff or earlier, along an index on it, and yields how many each range had. Where more of them
    /// have one time than a range may, a range ends within it.
    /// </summary>
    public static IAsyncEnumerable<int> ByTimeAsync<T>(
        IQueryable<T> rows,
        Expression<Func<T, DateTimeOffset>> time,
        DateTimeOffset cutoff,
        IDeletionBatches batches,
        CancellationToken cancellationToken)
        where T : class =>
        RunAsync(
            (From: DateTimeOffset.MinValue, To: cutoff),
            (after, size, cancel) => FindEndAsync(rows, time, after, cutoff, size, cancel),
            (range, cancel) =>
            {
                var found = rows.Between(time, range.From, range.To);
                return (range.Most is { } most ? found.OrderBy(time).Take(most) : found).ExecuteDeleteAsync(cancel);
            },
            batches,
            cancellationToken);

    /// <summary>
    /// Deletes rows with a text as their id, in the order of their ids, and yields how many each range had. They are looked for before a step
    /// deletes them, so that a step takes as long as what it finds, and not as what it searches.
    /// </summary>
    public static IAsyncEnumerable<int> ByIdAsync<T>(IQueryable<T> rows, IDeletionBatches batches, CancellationToken cancellationToken)
        where T : class
    {
        List<string> found = [];
        return RunAsync(
            (From: "", To: ""),
            async (after, size, cancel) =>
            {
                size = Math.Min(size, MostIds);
                found = await rows.Select(row => EF.Property<string>(row, "Id")).Where(id => string.Compare(id, after) > 0)
                    .OrderBy(id => id).Take(size).ToListAsync(cancel);
                return found.Count < size ? null : new(found[^1], null);
            },
            (_, cancel) => rows.Where(row => found.Contains(EF.Property<string>(row, "Id"))).ExecuteDeleteAsync(cancel),
            batches,
            cancellationToken);
    }

    /// <summary>Deletes what is after <c>From</c> and not after <c>To</c>, and yields how many rows each range had.</summary>
    /// <param name="all">The whole range.</param>
    /// <param name="findEnd">Finds where a range of so many rows that begins after this key ends; null for the last range.</param>
    /// <param name="delete">Deletes a range.</param>
    /// <param name="batches">How large the ranges are, and what is between them.</param>
    /// <param name="cancellationToken">Ends the run between two statements, and the statement that runs.</param>
    public static async IAsyncEnumerable<int> RunAsync<TKey>(
        (TKey From, TKey To) all,
        Func<TKey, int, CancellationToken, Task<KeyRangeEnd<TKey>?>> findEnd,
        Func<KeyRange<TKey>, CancellationToken, Task<int>> delete,
        IDeletionBatches batches,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = all.From;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            KeyRangeEnd<TKey>? end;
            int deleted;
            try
            {
                end = await findEnd(after, batches.Size, cancellationToken);
                KeyRange<TKey> range = end is { } found ? new(after, found.Key, found.Most) : new(after, all.To, null);
                deleted = await batches.StepAsync(cancel => delete(range, cancel), cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && batches.Shrink(e))
            {
                continue;
            }

            if (deleted > 0)
            {
                yield return deleted;
            }

            if (end is not { } reached)
            {
                yield break;
            }

            // What is left of a range of which a step took a part comes with the next one.
            after = reached.Most is null ? reached.Key : after;
        }
    }

    private static async Task<KeyRangeEnd<DateTimeOffset>?> FindEndAsync<T>(
        IQueryable<T> rows,
        Expression<Func<T, DateTimeOffset>> time,
        DateTimeOffset after,
        DateTimeOffset cutoff,
        int size,
        CancellationToken cancellationToken)
        where T : class
    {
        var end = await rows.Between(time, after, cutoff).Select(time).OrderBy(t => t).Skip(size - 1).Take(1).ToListAsync(cancellationToken);
        if (end.Count == 0)
        {
            return null;
        }

        // This reads only rows of the one time, which is kept in milliseconds: mostly a single one.
        var atTheEnd = rows.Between(time, end[0].AddMilliseconds(-1), end[0]).Select(time);
        var tooMany = await atTheEnd.OrderBy(t => t).Skip(size - 1).Take(1).ToListAsync(cancellationToken);
        return new(end[0], tooMany.Count > 0 ? size : null);
    }

    /// <summary>The rows of this time and earlier.</summary>
    public static IQueryable<T> UpTo<T>(this IQueryable<T> rows, Expression<Func<T, DateTimeOffset>> time, DateTimeOffset upTo)
    {
        Expression<Func<DateTimeOffset>> most = () => upTo;
        return rows.Where(Expression.Lambda<Func<T, bool>>(Expression.LessThanOrEqual(time.Body, most.Body), time.Parameters));
    }

    // The values stand in closures, so that they become parameters of the statement and its plan is made once.
    private static IQueryable<T> Between<T>(
        this IQueryable<T> rows, Expression<Func<T, DateTimeOffset>> time, DateTimeOffset after, DateTimeOffset upTo)
    {
        Expression<Func<DateTimeOffset>> least = () => after;
        return rows.UpTo(time, upTo).Where(Expression.Lambda<Func<T, bool>>(Expression.GreaterThan(time.Body, least.Body), time.Parameters));
    }
}

/// <summary>Rows by their key: after the first and not after the second, and not more than so many of them; null for all.</summary>
internal readonly record struct KeyRange<TKey>(TKey From, TKey To, int? Most);

/// <summary>Where a range ends, and how many of its rows a step may take; null for all of them.</summary>
internal readonly record struct KeyRangeEnd<TKey>(TKey Key, int? Most);

/// <summary>How a long deletion is cut into steps, each a statement of its own.</summary>
internal interface IDeletionBatches
{
    /// <summary>How many rows the next step may delete; at least 1.</summary>
    int Size { get; }

    /// <summary>Does one step, and returns how many rows it deleted. Once they are gone, nothing makes it fail.</summary>
    Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken);

    /// <summary>Makes the next steps smaller where a step failed that a smaller one may survive; false where it may not.</summary>
    bool Shrink(Exception failure);
}

/// <summary>
/// Counts what each step deletes in the run's record, in the step's own transaction: the record is exact however the run ends, by a
/// kill or a lost answer too.
/// </summary>
internal sealed class RecordedBatches(CommentDbContext db, ExpiryRun run, IDeletionBatches batches) : IDeletionBatches
{
    public int Size => batches.Size;

    /// <summary>The batches, counted in the run's record where there is a run.</summary>
    public static IDeletionBatches In(ExpiryRun? run, CommentDbContext db, IDeletionBatches batches) =>
        run is null ? batches : new RecordedBatches(db, run, batches);

    public bool Shrink(Exception failure) => batches.Shrink(failure);

    public Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken) =>
        batches.StepAsync(cancel => db.Database.CreateExecutionStrategy().ExecuteAsync(again => DeleteAsync(work, again), cancel), cancellationToken);

    private async Task<int> DeleteAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        // Read committed, whatever the database's default is: several runs at once and the run's own heartbeat write the same row.
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

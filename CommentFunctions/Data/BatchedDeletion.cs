using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Data;

/// <summary>
/// Deletes range by range of a key, each range one set-based statement of its own: what was deleted stays deleted, and several runs
/// at once delete each row once.
/// </summary>
internal static class RangedDeletion
{
    /// <summary>
    /// Deletes the rows whose time is the cutoff or earlier, along an index on it, and yields how many each range had. Where more of them
    /// have one time than a range may, a range ends within it.
    /// </summary>
    public static IAsyncEnumerable<int> ByTimeAsync<T>(
        IQueryable<T> rows, Expression<Func<T, DateTimeOffset>> time, DateTimeOffset cutoff, IDeletionBatches pace, CancellationToken cancellationToken)
        where T : class =>
        RunAsync(
            (From: DateTimeOffset.MinValue, To: cutoff),
            (after, size, cancel) => FindEndAsync(rows, time, after, cutoff, size, cancel),
            (range, cancel) => (range.Most is { } most ? rows.Between(time, range.From, range.To).OrderBy(time).Take(most) : rows.Between(time, range.From, range.To))
                .ExecuteDeleteAsync(cancel),
            pace,
            cancellationToken);

    /// <summary>Deletes what is after <c>From</c> and not after <c>To</c>, and yields how many rows each range had.</summary>
    /// <param name="all">The whole range.</param>
    /// <param name="findEnd">Finds where a range of so many rows that begins after this key ends; null for the last range.</param>
    /// <param name="delete">Deletes a range.</param>
    /// <param name="pace">How large the ranges are, and what is between them.</param>
    /// <param name="cancellationToken">Ends the run between two statements, and the statement that runs.</param>
    public static async IAsyncEnumerable<int> RunAsync<TKey>(
        (TKey From, TKey To) all,
        Func<TKey, int, CancellationToken, Task<KeyRangeEnd<TKey>?>> findEnd,
        Func<KeyRange<TKey>, CancellationToken, Task<int>> delete,
        IDeletionBatches pace,
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
                end = await findEnd(after, pace.Size, cancellationToken);
                KeyRange<TKey> range = end is { } found ? new(after, found.Key, found.Most) : new(after, all.To, null);
                deleted = await pace.StepAsync(cancel => delete(range, cancel), cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && pace.Shrink(e))
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
        IQueryable<T> rows, Expression<Func<T, DateTimeOffset>> time, DateTimeOffset after, DateTimeOffset cutoff, int size, CancellationToken cancellationToken)
        where T : class
    {
        var end = await rows.Between(time, after, cutoff).Select(time).OrderBy(t => t).Skip(size - 1).Take(1).ToListAsync(cancellationToken);
        if (end.Count == 0)
        {
            return null;
        }

        // Only those of the one time, which is kept in milliseconds, are looked at: mostly a single one.
        var crowded = await rows.Between(time, end[0].AddMilliseconds(-1), end[0]).Select(time).OrderBy(t => t).Skip(size - 1).Take(1).ToListAsync(cancellationToken);
        return new(end[0], crowded.Count > 0 ? size : null);
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
public interface IDeletionBatches
{
    /// <summary>How many rows the next step may delete; at least 1.</summary>
    int Size { get; }

    /// <summary>Does one step, and returns how many rows it deleted. Once they are gone, nothing makes it fail.</summary>
    Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken);

    /// <summary>Makes the next steps smaller where a step failed that a smaller one may survive; false where it may not.</summary>
    bool Shrink(Exception failure);
}

/// <summary>
/// Steps of one size, one after the other, for a store in which writers go on while a statement deletes. A step that was too large says
/// how large they may be for the rest of the deletion: to find that out again would cost it again.
/// </summary>
/// <param name="size">The size at first.</param>
/// <param name="smaller">The size to go on with after a failure; null for one that has nothing to do with the size.</param>
public sealed class FixedBatches(int size, Func<Exception, int, int?> smaller) : IDeletionBatches
{
    public int Size => size;

    public Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken) => work(cancellationToken);

    public bool Shrink(Exception failure)
    {
        if (size == 1 || smaller(failure, size) is not { } next)
        {
            return false;
        }

        size = Math.Max(1, next);
        return true;
    }
}

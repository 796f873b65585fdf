using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Comments.Stores;

/// <summary>
/// Deletes range by range of a key, each range one set-based statement of its own: what was deleted stays deleted, and several runs
/// at once delete each row once.
/// </summary>
internal static class RangedDeletion
{
    /// <summary>Deletes the rows whose time is the cutoff or earlier, along an index on it, and yields how many each range had.</summary>
    public static IAsyncEnumerable<int> ByTimeAsync<T>(
        IQueryable<T> rows, Expression<Func<T, DateTimeOffset>> time, DateTimeOffset cutoff, IDeletionPace pace, CancellationToken cancellationToken)
        where T : class =>
        RunAsync(
            (From: DateTimeOffset.MinValue, To: cutoff),
            (after, size, cancel) => rows.Between(time, after, cutoff).Select(time).OrderBy(t => t).Skip(size - 1).Take(1).ToListAsync(cancel),
            (after, upTo, cancel) => rows.Between(time, after, upTo).ExecuteDeleteAsync(cancel),
            pace,
            cancellationToken);

    /// <summary>Deletes what is after <c>From</c> and not after <c>To</c>, and yields how many rows each range had.</summary>
    /// <param name="all">The whole range.</param>
    /// <param name="findEnd">Finds the key at which a range of so many rows that begins after this key ends; nothing for the last range.</param>
    /// <param name="delete">Deletes what is after the first key and not after the second.</param>
    /// <param name="pace">How large the ranges are, and what is between them.</param>
    /// <param name="cancellationToken">Ends the run between two statements, and the statement that runs.</param>
    public static async IAsyncEnumerable<int> RunAsync<TKey>(
        (TKey From, TKey To) all,
        Func<TKey, int, CancellationToken, Task<List<TKey>>> findEnd,
        Func<TKey, TKey, CancellationToken, Task<int>> delete,
        IDeletionPace pace,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = all.From;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var from = after;
            int deleted;
            bool isLast;
            try
            {
                var end = await findEnd(from, pace.Size, cancellationToken);
                (after, isLast) = end.Count > 0 ? (end[0], false) : (all.To, true);
                var upTo = after;
                deleted = await pace.StepAsync(cancel => delete(from, upTo, cancel), cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && pace.Shrink(e))
            {
                after = from;
                continue;
            }

            if (deleted > 0)
            {
                yield return deleted;
            }

            if (isLast)
            {
                yield break;
            }
        }
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

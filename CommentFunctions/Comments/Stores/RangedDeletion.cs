using System.Runtime.CompilerServices;

namespace CommentFunctions.Comments.Stores;

/// <summary>
/// Deletes range by range of a key, each range one set-based statement of its own: what was deleted stays deleted, and several runs
/// at once delete each row once.
/// </summary>
internal static class RangedDeletion
{
    /// <summary>Deletes what is after <c>From</c> and not after <c>To</c>, and yields how many rows each range had.</summary>
    /// <param name="all">The whole range.</param>
    /// <param name="findEnd">Finds the key at which a range that begins after this key ends; nothing for the last range.</param>
    /// <param name="delete">Deletes what is after the first key and not after the second.</param>
    /// <param name="cancellationToken">Ends the run between two statements, and the statement that runs.</param>
    public static async IAsyncEnumerable<int> RunAsync<TKey>(
        (TKey From, TKey To) all,
        Func<TKey, CancellationToken, Task<List<TKey>>> findEnd,
        Func<TKey, TKey, CancellationToken, Task<int>> delete,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = all.From;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = await findEnd(after, cancellationToken);
            var upTo = end.Count > 0 ? end[0] : all.To;
            var deleted = await delete(after, upTo, cancellationToken);
            if (deleted > 0)
            {
                yield return deleted;
            }

            if (end.Count == 0)
            {
                yield break;
            }

            after = upTo;
        }
    }
}

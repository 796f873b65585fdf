using System.Runtime.CompilerServices;

namespace CommentFunctions.Comments.Stores;

/// <summary>Deletes in batches, each a short transaction, so that nobody who writes waits for long.</summary>
public sealed class BatchedDeletion(TimeProvider clock, Func<CancellationToken, ValueTask<IDisposable?>> enterWrite)
{
    // One statement for everything holds up writers for seconds; batches of a few rows take many times as long in all. The size
    // that takes about this long keeps a writer's wait below what a person notices, whatever the machine and its disk.
    private static readonly TimeSpan Target = TimeSpan.FromMilliseconds(75);

    // Small enough to be short on a slow disk; it doubles within a few batches where the disk is fast.
    private const int FirstSize = 1_000;
    private const int SmallestSize = 100;

    // Beyond this a larger batch saves next to nothing.
    private const int LargestSize = 50_000;

    // Long enough that writers of this process and of others, who wait for the lock by polling, get their turn.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// Calls <paramref name="deleteBatch"/> with the most rows to delete until it deletes fewer, and yields how many each call
    /// deleted.
    /// </summary>
    public async IAsyncEnumerable<int> RunAsync(
        Func<int, CancellationToken, Task<int>> deleteBatch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deleteBatch);
        var size = FirstSize;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int deleted;
            TimeSpan took;
            using (await enterWrite(cancellationToken))
            {
                var start = clock.GetTimestamp();
                deleted = await deleteBatch(size, cancellationToken);
                took = clock.GetElapsedTime(start);
            }

            if (deleted > 0)
            {
                yield return deleted;
            }

            if (deleted < size)
            {
                yield break;
            }

            size = NextSize(size, took);
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    // At most half or double at a time, so that one slow batch does not decide.
    private static int NextSize(int size, TimeSpan took) =>
        (int)Math.Clamp(size * Math.Clamp(Target / took, 0.5, 2), SmallestSize, LargestSize);
}

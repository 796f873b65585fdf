namespace CommentFunctions.Comments.Stores;

/// <summary>
/// Brings a file to disk for many writers at once: whoever asks while a flush is under way shares the next one. With SQLite's
/// <c>synchronous=NORMAL</c> a commit is in the write-ahead log but not on disk; after a flush it is as safe as with FULL, and
/// writers that commit one after the other do not each wait for the disk with the lock in their hand.
/// </summary>
internal sealed class SharedFlush(string file)
{
    // While one flush follows another, the next waits for more to share it: a fifth more replies a second are stored so.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(1);

    private readonly Lock sync = new();
    private Task running = Task.CompletedTask;
    private Task? next;

    /// <summary>Ends when everything that was written to the file before the call is on disk.</summary>
    /// <exception cref="IOException">The disk refused; what was written may be lost with the machine's power.</exception>
    public Task FlushAsync()
    {
        lock (sync)
        {
            return next ??= FlushAfterAsync(running);
        }
    }

    private async Task FlushAfterAsync(Task before)
    {
        if (!before.IsCompleted)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(Gathering).ConfigureAwait(false);
        }
        else
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        lock (sync)
        {
            // From here on the flush may miss what is written; whoever writes now needs the one after.
            running = next!;
            next = null;
        }

        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(handle);
        }
        catch (FileNotFoundException)
        {
            // No log: its content was moved into the database, which SQLite flushes itself before it removes the log.
        }
    }
}

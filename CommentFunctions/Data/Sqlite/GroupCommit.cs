using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace CommentFunctions.Data.Sqlite;

/// <summary>
/// Saves for many callers at once in a file that has one writer at a time: the callers that come while a save is under way share the next
/// save, its transaction and its flush. With SQLite's <c>synchronous=NORMAL</c> a commit is in the write-ahead log but not on disk;
/// after the flush it is as safe as with FULL.
/// </summary>
/// <param name="log">The write-ahead log's path.</param>
/// <param name="enterWrite">Waits until this process may write.</param>
/// <param name="check">Throws where what was written went to files that their paths do not lead to any more.</param>
internal sealed class GroupCommit(string log, Func<CancellationToken, ValueTask<IDisposable>> enterWrite, Action check) : IDisposable
{
    // As many as the host runs functions at once; it bounds how long a deletion waits for the write lock.
    private const int MaxShare = 64;

    private readonly Lock sync = new();
    private readonly Queue<Save> waiting = [];
    private bool working;
    private CommentDbContext? together;

    /// <summary>Saves the context's changes; ends when they are on disk.</summary>
    /// <exception cref="DbUpdateException">They could not be saved.</exception>
    /// <exception cref="IOException">The disk refused the flush; what was saved may be lost with the machine's power.</exception>
    public async Task<int> SaveAsync(CommentDbContext db, bool acceptAllChanges)
    {
        var save = new Save(db, acceptAllChanges);
        lock (sync)
        {
            waiting.Enqueue(save);
            if (!working)
            {
                working = true;
                // For all callers, so it does not run in the context of the first of them.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = Task.Run(WorkAsync);
                }
            }
        }

        return await save.Task;
    }

    public void Dispose() => together?.Dispose();

    private async Task WorkAsync()
    {
        while (Take() is { Count: > 0 } saves)
        {
            try
            {
                await SaveAsync(saves);
                saves.ForEach(save => save.End());
            }
            catch (Exception e)
            {
                saves.ForEach(save => save.Fail(e));
            }
        }
    }

    private List<Save> Take()
    {
        var saves = new List<Save>();
        lock (sync)
        {
            while (saves.Count < MaxShare && waiting.TryDequeue(out var save))
            {
                saves.Add(save);
            }

            working = saves.Count > 0;
        }

        return saves;
    }

    private async Task SaveAsync(List<Save> saves)
    {
        using (await enterWrite(CancellationToken.None))
        {
            var additions = saves.FindAll(save => save.OnlyAdds);
            var shared = additions.Count > 1 && await TrySaveTogetherAsync(additions);
            Exception? outage = null;
            foreach (var save in saves.Where(save => !(shared && save.OnlyAdds)))
            {
                // Each would wait for a lock as long as the first one did.
                outage = outage is null ? await save.RunAsync() : save.GiveUp(outage);
            }
        }

        Flush();
        check();
    }

    /// <summary>All of them in one transaction, or none: then each is to be saved by itself, to learn which one is to blame.</summary>
    private async Task<bool> TrySaveTogetherAsync(List<Save> saves)
    {
        together ??= saves[0].NewContext();
        try
        {
            together.AddRange(saves.SelectMany(save => save.Added));
            await together.SaveAloneAsync(acceptAllChanges: true, CancellationToken.None);
            saves.ForEach(save => save.Saved());
            return true;
        }
        catch (Exception e) when ((e is DbUpdateException or InvalidOperationException) && SqliteFailures.FindOutage(e) is null)
        {
            // A row that is there already; or two with one key, which a context does not take.
            return false;
        }
        finally
        {
            together.ChangeTracker.Clear();
        }
    }

    private void Flush()
    {
        try
        {
            using var handle = File.OpenHandle(log, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(handle);
        }
        catch (FileNotFoundException)
        {
            // No log: its content was moved into the database, which SQLite flushes itself before it removes the log.
        }
    }

    /// <summary>One caller's save. The caller waits, so its context is free to be used here.</summary>
    private sealed class Save
    {
        private readonly TaskCompletionSource<int> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CommentDbContext db;
        private readonly bool acceptAllChanges;
        private int rows;
        private Exception? failure;

        public Save(CommentDbContext db, bool acceptAllChanges)
        {
            (this.db, this.acceptAllChanges) = (db, acceptAllChanges);
            var entries = db.ChangeTracker.Entries().Where(e => e.State is not EntityState.Unchanged).ToList();
            Added = entries.ConvertAll(e => e.Entity);
            OnlyAdds = entries.TrueForAll(e => e is { State: EntityState.Added, IsKeySet: true }) && db.Database.CurrentTransaction is null;
        }

        public Task<int> Task => completion.Task;

        public List<object> Added { get; }

        /// <summary>Whether another context can save it as well: all rows are new, and have keys.</summary>
        public bool OnlyAdds { get; }

        public CommentDbContext NewContext() =>
            new((DbContextOptions<CommentDbContext>)db.GetService<IDbContextOptions>()) { ChangeTracker = { AutoDetectChangesEnabled = false } };

        /// <summary>Saves; what keeps any other save from succeeding as well, or null.</summary>
        public async Task<Exception?> RunAsync()
        {
            try
            {
                rows = await db.SaveAloneAsync(acceptAllChanges, CancellationToken.None);
            }
            catch (Exception e)
            {
                failure = e;
            }

            return failure is not null && SqliteFailures.FindOutage(failure) is not null ? failure : null;
        }

        /// <summary>Does not save, because of what kept another one from it.</summary>
        public Exception GiveUp(Exception outage) => failure = new DbUpdateException("The save before this one failed.", outage);

        public void Saved()
        {
            rows = Added.Count;
            if (acceptAllChanges)
            {
                db.ChangeTracker.AcceptAllChanges();
            }
        }

        public void End()
        {
            if (failure is null)
            {
                completion.SetResult(rows);
            }
            else
            {
                completion.SetException(failure);
            }
        }

        public void Fail(Exception exception) => completion.SetException(failure ?? exception);
    }
}

using System.Diagnostics;
using System.Threading.Channels;
using Functions.LocalRuntime.Settings;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Functions.LocalRuntime.Storage;

/// <summary>
/// The SQLite file of the runtime's state. All work on it goes through one writer that puts whatever is waiting into one
/// transaction, so that many senders share the cost of one write to disk. What was reported done survives the end of the process
/// and, where it says so, of the machine.
/// </summary>
internal sealed class RuntimeFile : IAsyncDisposable
{
    // Bounds how long the first of a batch waits for the last; far above what is ever waiting with the usual concurrency.
    private const int MaxBatch = 256;

    // What was deleted can still be read from the write-ahead log until the log is emptied.
    private static readonly TimeSpan CheckpointEvery = TimeSpan.FromSeconds(5);

    private readonly Channel<Operation> operations = Channel.CreateUnbounded<Operation>(new() { SingleReader = true });
    private readonly string path;
    private readonly RuntimeConnection connection;
    private readonly Task writer;
    private long lastCheckpoint = Stopwatch.GetTimestamp();
    private int changesAtCheckpoint;
    private int changesOnDisk;

    /// <exception cref="StartupException">The file cannot be opened.</exception>
    public RuntimeFile(string path)
    {
        this.path = path;
        try
        {
            connection = new(path);
        }
        catch (SqliteException e)
        {
            throw Unusable(path, e);
        }

        writer = Task.Run(WriteAsync);
    }

    /// <summary>What to tell where the file keeps the app from starting.</summary>
    public static StartupException Unusable(string path, Exception failure) => new(
        $"{path} cannot be used ({failure.Message}) " + (failure as SqliteException)?.SqliteErrorCode switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "Another program holds it: end that one.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
                "It is damaged: put back a copy, or move it away together with its -wal and -shm files to begin with empty queues.",
            // A full disk is an input/output error where the log or its index cannot grow.
            raw.SQLITE_FULL or raw.SQLITE_IOERR => "Free some space on its disk, and see whether the disk is sound.",
            _ => "See to it that this user may write there, or set LocalRuntime:Folder to another folder.",
        });

    /// <summary>How often the disk had to be waited for.</summary>
    public long Flushes { get; private set; }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and returns its result once that is on disk, or, where it says so, once the
    /// operating system has it: the end of this process does not undo it, a loss of power may.
    /// </summary>
    /// <exception cref="SqliteException">The file could not be written; nothing of the work was kept.</exception>
    /// <exception cref="IOException">The file was deleted; what is written to it now would be lost.</exception>
    public async Task<T> RunAsync<T>(Func<RuntimeConnection, T> work, bool toDisk = true)
    {
        var operation = new Operation(connection => work(connection), toDisk);
        return operations.Writer.TryWrite(operation)
            ? (T)(await operation.Task)!
            : throw new ObjectDisposedException(nameof(RuntimeFile), "The local runtime has stopped.");
    }

    public async ValueTask DisposeAsync()
    {
        operations.Writer.TryComplete();
        await writer;
        connection.Dispose();
    }

    private async Task WriteAsync()
    {
        var batch = new List<Operation>(MaxBatch);
        while (await operations.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && operations.Reader.TryRead(out var operation))
            {
                batch.Add(operation);
            }

            Commit(batch);
            batch.Clear();
            CheckpointWhenDue();
        }
    }

    private void Commit(List<Operation> batch)
    {
        while (batch.Count > 0 && TryCommit(batch) is { } failed)
        {
            // The others are not to blame: their work was rolled back with it and is done again without it.
            batch.Remove(failed);
        }

        batch.ForEach(operation => operation.Succeed());
    }

    /// <summary>Returns the operation that failed by itself. Where the file failed, all of them did, and none is left in the batch.</summary>
    private Operation? TryCommit(List<Operation> batch)
    {
        Operation? current = null;
        try
        {
            connection.Begin();
            foreach (var operation in batch)
            {
                current = operation;
                operation.Execute(connection);
            }

            current = null;
            connection.Commit();
            CheckFiles();
            if (batch.Exists(operation => operation.ToDisk) && connection.Changes != changesOnDisk)
            {
                Flush();
                changesOnDisk = connection.Changes;
                Flushes++;
            }

            return null;
        }
        catch (Exception e)
        {
            connection.TryRollback();
            if (current is null)
            {
                batch.ForEach(operation => operation.SetException(e));
                batch.Clear();
            }

            current?.SetException(e);
            return current;
        }
    }

    // SQLite goes on writing to files that were deleted under it, and what it wrote is gone with the process.
    private void CheckFiles()
    {
        if (!File.Exists(path) || !File.Exists(path + "-wal"))
        {
            throw new IOException(
                $"The file {path} or its write-ahead log was deleted while it was in use. Nothing can be kept there until the app is started again.");
        }
    }

    // All that was committed so far, in the order of the commits. Closing another handle of the log harms no lock: SQLite has them on
    // the other files.
    private void Flush()
    {
        using var log = File.OpenHandle(path + "-wal", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(log);
    }

    private void CheckpointWhenDue()
    {
        if (connection.Changes != changesAtCheckpoint && Stopwatch.GetElapsedTime(lastCheckpoint) >= CheckpointEvery)
        {
            connection.TryCheckpoint();
            changesAtCheckpoint = connection.Changes;
            lastCheckpoint = Stopwatch.GetTimestamp();
        }
    }

    private sealed class Operation(Func<RuntimeConnection, object?> work, bool toDisk)
        : TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private object? result;

        public bool ToDisk => toDisk;

        public void Execute(RuntimeConnection connection) => result = work(connection);

        public void Succeed() => SetResult(result);
    }
}

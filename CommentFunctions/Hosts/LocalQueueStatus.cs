using CommentFunctions.Queues;
using Functions.LocalRuntime.Queues;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CommentFunctions.Hosts;

/// <summary>What waits in the local runtime's queues; messages being worked on do not.</summary>
public sealed class LocalQueueStatus(ILocalQueues queues, TimeProvider clock) : IQueueStatus
{
    public async Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            await queues.CheckWritableAsync(cancellationToken);
            var counts = await queues.CountAsync(queue, cancellationToken);
            return new(counts.Active, counts.Scheduled, counts.DeadLettered, await FindOldestAgeAsync(queue, cancellationToken));
        }
        catch (Exception e) when (Explain(e) is { } problem)
        {
            throw new QueueUnavailableException(problem, e);
        }
    }

    public async Task<TimeSpan?> FindOldestAgeAsync(string queue, CancellationToken cancellationToken)
    {
        var age = clock.GetUtcNow() - await queues.OldestAsync(queue, cancellationToken);
        // A clock that was set back makes no message younger than new.
        return age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }

    private static string? Explain(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: raw.SQLITE_FULL or raw.SQLITE_IOERR } => "the disk of runtime.db is full or fails",
        SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED } => "another program holds runtime.db",
        SqliteException { SqliteErrorCode: raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM } => "runtime.db may not be written",
        SqliteException { SqliteErrorCode: raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB } => "runtime.db is damaged",
        IOException => "runtime.db was deleted while it was in use. Start the app again",
        _ => null,
    };
}

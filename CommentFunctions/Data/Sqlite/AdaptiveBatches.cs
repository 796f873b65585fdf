using System.Runtime.ExceptionServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CommentFunctions.Data.Sqlite;

/// <summary>
/// Cuts work on a database with one writer at a time into steps that do not hold up other writers: short steps while another connection
/// writes, else long ones, which cost less in all.
/// </summary>
/// <param name="clock">Measures the steps.</param>
/// <param name="firstSize">The units of work in the first step: short on a slow disk too.</param>
/// <param name="file">The database's file, on one open connection.</param>
internal sealed class AdaptiveBatches(TimeProvider clock, int firstSize, SqliteFile file) : IDeletionBatches
{
    // A writer that waits for the lock looks again after 25 ms, then after 50, and then waits for its own flush. A longer step makes it
    // miss one look more.
    private static readonly TimeSpan SharedStep = TimeSpan.FromMilliseconds(40);

    // About as long as SQLite's own pause between two looks at the lock, so that a waiting writer finds it free once.
    private static readonly TimeSpan SharedPause = TimeSpan.FromMilliseconds(30);

    // Every step rewrites about the same pages of the index by user, so few long steps cost least. The first writer to come along waits
    // for one of them, far less than any client's timeout.
    private static readonly TimeSpan LoneStep = TimeSpan.FromMilliseconds(2000);
    private static readonly TimeSpan LonePause = TimeSpan.FromMilliseconds(1);

    // A commit takes its time however few rows it has, and much of it on a slow disk or a busy machine: fewer rows make such a step no shorter.
    private const int SmallestStep = 100;

    // A connection that wrote this recently will write again.
    private static readonly TimeSpan Recently = TimeSpan.FromSeconds(2);

    // So many pauses without a write show that there is no other writer.
    private const int QuietPauses = 3;

    // Often enough for a short log: cutting off a long one holds up writers.
    private static readonly TimeSpan RestartInterval = TimeSpan.FromMilliseconds(150);

    private const int FullDiskDivisor = 10;
    private const int MostPagesGivenBack = 200;

    // A row adds this to the log where the rows of a step have no page in common: its own page, and one of each of three indexes.
    private const int PagesForRow = 4;

    private int size = firstSize;
    private int quietPauses;
    private long? version;
    private long lastSeen;
    private bool shared = true;
    private TimeSpan sinceRestart;
    private ExceptionDispatchInfo? failure;

    // Once the disk was full: the largest step, until pages were given back to the file system.
    private int? most;
    private long givenBack;

    public int Size => size;

    public async Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref failure, null) is { } afterLast)
        {
            afterLast.Throw();
        }

        if (most is not null)
        {
            await MakeRoomOnDiskAsync(cancellationToken);
        }

        version ??= await file.VersionAsync(cancellationToken);
        int done;
        TimeSpan took;
        using (await file.EnterWriteAsync(cancellationToken))
        {
            var start = clock.GetTimestamp();
            // A step is short enough to wait for when the run is stopped.
            done = await work(CancellationToken.None);
            took = clock.GetElapsedTime(start);
        }

        try
        {
            await MakeRoomForOthersAsync(took, cancellationToken);
        }
        catch (Exception e)
        {
            // The step is done, and its caller has to hear that; the next step throws.
            failure = ExceptionDispatchInfo.Capture(e);
        }

        return done;
    }

    public bool Shrink(Exception failure)
    {
        // A step's log needs room on the disk before the step frees any.
        if (size == 1 || failure.GetBaseException() is not SqliteException { SqliteErrorCode: raw.SQLITE_FULL })
        {
            return false;
        }

        most = size = Math.Max(1, size / FullDiskDivisor);
        return true;
    }

    private async Task MakeRoomOnDiskAsync(CancellationToken cancellationToken)
    {
        try
        {
            givenBack += await file.GiveBackAsync(Math.Clamp(size, 1, MostPagesGivenBack), cancellationToken);
            if (most is { } rows && givenBack >= (long)rows * PagesForRow)
            {
                (most, givenBack) = ((int)Math.Min(rows * 2L, int.MaxValue), 0);
            }
        }
        catch (SqliteException)
        {
            // Then there is no room for this either; the step itself may still find some.
        }
    }

    private async Task MakeRoomForOthersAsync(TimeSpan took, CancellationToken cancellationToken)
    {
        var pause = Task.Delay(shared ? SharedPause : LonePause, clock, cancellationToken);
        if ((sinceRestart += took) > RestartInterval && await file.RestartLogAsync(cutOff: false, cancellationToken))
        {
            sinceRestart = TimeSpan.Zero;
        }

        await pause;
        await LookForOthersAsync(cancellationToken);
        Resize(took);
    }

    private async Task LookForOthersAsync(CancellationToken cancellationToken)
    {
        var seen = await file.VersionAsync(cancellationToken);
        if (seen != version)
        {
            (version, lastSeen, quietPauses, shared) = (seen, clock.GetTimestamp(), 0, true);
        }
        else if (++quietPauses >= QuietPauses && (lastSeen == 0 || clock.GetElapsedTime(lastSeen) > Recently))
        {
            shared = false;
        }
    }

    private void Resize(TimeSpan took)
    {
        // A step that was too long says more than one that was short, which may only have found its pages in memory.
        var factor = (shared ? SharedStep : LoneStep) / (took > TimeSpan.Zero ? took : TimeSpan.FromMilliseconds(1));
        var next = Math.Max(SmallestStep, size * Math.Clamp(factor, 0.1, shared ? 1.2 : 10));
        size = (int)Math.Min(next, most ?? int.MaxValue);
    }
}

using Functions.LocalRuntime.Storage;

namespace Functions.LocalRuntime.Timers;

/// <summary>Last and next run of each timer, on disk.</summary>
internal sealed class TimerStore(RuntimeFile file, TimeProvider clock)
{
    /// <summary>The status kept for this function and this schedule; null where there is none.</summary>
    public async Task<ScheduleStatus?> FindAsync(string function, string schedule) => (await file.RunAsync(connection => connection.Query(
        "SELECT last, next, updated FROM timers WHERE function = $1 AND schedule = $2",
        row => new ScheduleStatus { Last = Time(row.GetInt64(0)), Next = Time(row.GetInt64(1)), LastUpdated = Time(row.GetInt64(2)) },
        function, schedule))).SingleOrDefault();

    /// <summary>Keeps a status and returns it.</summary>
    public async Task<ScheduleStatus> SaveAsync(string function, string schedule, DateTime last, DateTimeOffset next)
    {
        var status = new ScheduleStatus { Last = last, Next = next.UtcDateTime, LastUpdated = clock.GetUtcNow().UtcDateTime };
        await file.RunAsync(connection => connection.Execute(
            """
            INSERT INTO timers (function, schedule, last, next, updated) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO UPDATE SET schedule = excluded.schedule, last = excluded.last, next = excluded.next, updated = excluded.updated
            """,
            function, schedule, Milliseconds(status.Last), Milliseconds(status.Next), Milliseconds(status.LastUpdated)));
        return status;
    }

    private static long Milliseconds(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;

    private static DateTime Time(long milliseconds) => DateTime.UnixEpoch.AddMilliseconds(milliseconds);
}

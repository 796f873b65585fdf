using System.Diagnostics;
using CommentFunctions.Benchmarks.Measuring;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>Somebody who writes 100 comments a second on a connection of their own, and notes how long each takes.</summary>
internal sealed class ConcurrentWriter
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly List<double> waits = [];

    /// <summary>Does the work while somebody writes, from a second before it on, and returns what each insert took in milliseconds, commit included.</summary>
    public static async Task<(T Result, Samples Waits)> BesideAsync<T>(IExpiryDatabase database, Func<Task<T>> work)
    {
        var writer = new ConcurrentWriter();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ending.Token);
        var writing = Task.Run(() => writer.WriteAsync(database, stop.Token), CancellationToken.None);
        T result;
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(1), stop.Token);
            result = await work();
        }
        finally
        {
            await stop.CancelAsync();
            await writing;
        }

        return (result, new(writer.waits));
    }

    /// <summary>Writes until cancelled. Due inserts are not dropped: after a long wait the next ones follow at once.</summary>
    private async Task WriteAsync(IExpiryDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync();
        await using var insert = connection.CreateCommand();
        insert.CommandText = database.Insert;
        foreach (var name in new[] { "id", "at", "text" })
        {
            var parameter = insert.CreateParameter();
            parameter.ParameterName = name;
            insert.Parameters.Add(parameter);
        }

        var start = Stopwatch.GetTimestamp();
        for (var due = Interval; !cancellationToken.IsCancellationRequested; due += Interval)
        {
            var wait = due - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            insert.Parameters[0].Value = database.Id(Guid.CreateVersion7());
            insert.Parameters[1].Value = ExpiryData.Now;
            insert.Parameters[2].Value = "written meanwhile";
            var before = Stopwatch.GetTimestamp();
            await insert.ExecuteNonQueryAsync(CancellationToken.None);
            waits.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }
    }
}

using System.Diagnostics;
using CommentFunctions.Benchmarks.Measuring;
using Functions.LocalRuntime.Queues;
using Functions.LocalRuntime.Settings;
using Functions.LocalRuntime.Storage;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Benchmarks.Queue;

/// <summary>The same work on the same kind of file, by the queue and by hand. Each returns its seconds.</summary>
internal static class QueueAlone
{
    // As many as the app's functions have under way.
    private const int AtOnce = 32;
    private static readonly BinaryData Body = new(new byte[200]);

    public static async Task<double> QueueAsync(int messages)
    {
        var folder = Directory.CreateTempSubdirectory("queue-alone-");
        try
        {
            await using var file = new RuntimeFile(Path.Combine(folder.FullName, "runtime.db"));
            var store = new QueueStore(file, new LocalRuntimeOptions(), TimeProvider.System);
            var start = Stopwatch.GetTimestamp();
            await EachAsync(messages, i => store.SendAsync("q", [new(Body) { MessageId = $"m{i}" }]));
            await EachAsync(messages, async _ =>
            {
                foreach (var message in await store.ReceiveAsync("q", 1))
                {
                    await store.CompleteAsync(message);
                }
            });
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static async Task<double> RawAsync(int messages)
    {
        var folder = Directory.CreateTempSubdirectory("queue-raw-");
        try
        {
            await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.FullName, "raw.db")};Pooling=False");
            await connection.OpenAsync();
            await using var setup = connection.CreateCommand();
            setup.CommandText = """
                PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
                CREATE TABLE messages (sequence INTEGER PRIMARY KEY, message_id TEXT UNIQUE, available_at INTEGER, body BLOB);
                """;
            await setup.ExecuteNonQueryAsync();
            var start = Stopwatch.GetTimestamp();
            await StatementAsync(connection, "INSERT INTO messages (sequence, message_id, available_at, body) VALUES ($i, 'm' || $i, 0, zeroblob(200))", messages);
            await StatementAsync(connection, "UPDATE messages SET available_at = 1 WHERE sequence = $i", messages);
            await StatementAsync(connection, "DELETE FROM messages WHERE sequence = $i", messages);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // One transaction for each, as a program does that has to keep every message.
    private static async Task StatementAsync(SqliteConnection connection, string sql, int times)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var number = command.Parameters.Add("$i", SqliteType.Integer);
        await command.PrepareAsync();
        for (var i = 0; i < times; i++)
        {
            Ending.Token.ThrowIfCancellationRequested();
            number.Value = i;
            await command.ExecuteNonQueryAsync();
        }
    }

    private static Task EachAsync(int times, Func<int, Task> run) =>
        Parallel.ForEachAsync(Enumerable.Range(0, times), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Ending.Token }, async (i, _) => await run(i));
}

using System.Data.Common;
using CommentFunctions.Benchmarks.Measuring;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>The app's own tables in a SQLite file.</summary>
internal sealed class SqliteExpiryDatabase(ExpiryData data) : IExpiryDatabase
{
    private const int RowsAtOnce = 500_000;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("expiry-");

    public string Store => "Sqlite";

    public string ConnectionString => $"Data Source={Copy}";

    public string RawDelete => """DELETE FROM "Comments" WHERE "CreatedAt" <= $cutoff""";

    public string Insert => """INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text") VALUES ($id, 'user1', $at, $text)""";

    public object Id(Guid id) => id.ToString().ToUpperInvariant();

    private string Template => Path.Combine(folder.FullName, "template.db");

    private string Copy => Path.Combine(folder.FullName, "comments.db");

    public async Task FillAsync()
    {
        await using (await BenchApp.StartAsync(Store, $"Data Source={Template}"))
        {
            // Only for the tables.
        }

        await using var connection = await OpenAsync($"Data Source={Template}");
        await ExecuteAsync(connection, $"""
            PRAGMA cache_size = -262144;
            PRAGMA synchronous = OFF;
            INSERT INTO "Users" ("UserName")
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {ExpiryData.Users}) SELECT 'user' || i FROM n;
            """);
        // Indexes are made of all rows at once afterwards: row by row, each would be read and written all over the file.
        var (drop, make) = await FindIndexesAsync(connection);
        await ExecuteAsync(connection, drop);
        for (long first = 0; first < data.Comments; first += RowsAtOnce)
        {
            // Ids rise with time, as the app's do; users are spread as a hash would spread them.
            await ExecuteAsync(connection, $"""
                INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
                WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {Math.Min(first + RowsAtOnce, data.Comments)}),
                t(i, at) AS (SELECT i, {data.At} FROM n)
                SELECT printf('%08X-%04X-7%03X-8%03X-%012X', at >> 16, at & 65535, i & 4095, (i * 7919) & 4095, i),
                       'user' || (i * 2654435761 % {ExpiryData.Users}), at, 'comment number ' || i || ' ' || hex(randomblob(30)) FROM t
                """);
        }

        await ExecuteAsync(connection, make + "; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)");
    }

    public async Task CopyAsync()
    {
        SqliteConnection.ClearAllPools();
        foreach (var file in folder.EnumerateFiles("comments.db*"))
        {
            file.Delete();
        }

        await using var source = File.OpenRead(Template);
        await using var target = File.Create(Copy);
        await source.CopyToAsync(target, Ending.Token);
        target.Flush(flushToDisk: true);
    }

    public async Task<DbConnection> OpenAsync()
    {
        var connection = await OpenAsync(ConnectionString);
        // The cache that the app's deletion has: without it, the statement takes more than twice as long.
        await ExecuteAsync(connection, "PRAGMA cache_size = -65536; PRAGMA busy_timeout = 60000;");
        return connection;
    }

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task<SqliteConnection> OpenAsync(string connectionString)
    {
        var connection = new SqliteConnection(connectionString + ";Pooling=False");
        await connection.OpenAsync(Ending.Token);
        // Nothing else ends a statement that takes minutes.
        var ending = Ending.Token.Register(() => raw.sqlite3_interrupt(connection.Handle));
        connection.StateChange += (_, _) => ending.Dispose();
        return connection;
    }

    private static async Task<(string Drop, string Make)> FindIndexesAsync(SqliteConnection connection)
    {
        await using var find = connection.CreateCommand();
        find.CommandText = """
            SELECT group_concat('DROP INDEX "' || name || '"', ';'), group_concat(sql, ';') FROM sqlite_master
            WHERE type = 'index' AND tbl_name = 'Comments' AND sql IS NOT NULL
            """;
        await using var found = await find.ExecuteReaderAsync();
        await found.ReadAsync();
        return (found.GetString(0), found.GetString(1));
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        Ending.Token.ThrowIfCancellationRequested();
        await using var command = connection.CreateCommand();
        (command.CommandText, command.CommandTimeout) = (sql, 0);
        await command.ExecuteNonQueryAsync();
    }
}

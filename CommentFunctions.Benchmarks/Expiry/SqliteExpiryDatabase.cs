using System.Data.Common;
using CommentFunctions.Benchmarks.Measuring;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>The app's own tables in a SQLite file.</summary>
internal sealed class SqliteExpiryDatabase : IExpiryDatabase
{
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

        await using var connection = new SqliteConnection($"Data Source={Template};Pooling=False");
        await connection.OpenAsync();
        var command = connection.CreateCommand();
        // Ids rise with time, as the app's do; users are spread as a hash would spread them.
        command.CommandText = $"""
            PRAGMA cache_size = -262144;
            PRAGMA synchronous = OFF;
            BEGIN;
            INSERT INTO "Users" ("UserName")
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {ExpiryData.Users}) SELECT 'user' || i FROM n;
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {ExpiryData.Comments}),
            t(i, at) AS (SELECT i, CASE WHEN i < {ExpiryData.Expired}
                THEN {ExpiryData.OldestExpired} + i * {(ExpiryData.NewestExpired - ExpiryData.OldestExpired) / ExpiryData.Expired}
                ELSE {ExpiryData.OldestKept} + (i - {ExpiryData.Expired}) * {(ExpiryData.NewestKept - ExpiryData.OldestKept) / (ExpiryData.Comments - ExpiryData.Expired)} END FROM n)
            SELECT printf('%08X-%04X-7%03X-8%03X-%012X', at >> 16, at & 65535, i & 4095, (i * 7919) & 4095, i),
                   'user' || (i * 2654435761 % {ExpiryData.Users}), at, 'comment number ' || i || ' ' || hex(randomblob(30)) FROM t;
            COMMIT;
            ANALYZE;
            PRAGMA wal_checkpoint(TRUNCATE);
            """;
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
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
        await source.CopyToAsync(target);
        target.Flush(flushToDisk: true);
    }

    public async Task<DbConnection> OpenAsync()
    {
        var connection = new SqliteConnection(ConnectionString + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        // The cache that the app's deletion has: without it, the statement takes more than twice as long.
        command.CommandText = "PRAGMA cache_size = -65536; PRAGMA busy_timeout = 60000;";
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}

using System.Data.Common;
using CommentFunctions.Benchmarks.Measuring;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Benchmarks.Bot;

/// <summary>The app's own tables in a SQLite file.</summary>
internal sealed class SqliteBotDatabase : IBotDatabase
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("bot-");

    public string Store => "Sqlite";

    public string ConnectionString => $"Data Source={File}";

    public IReadOnlyDictionary<string, string> Django => new Dictionary<string, string> { ["ENGINE"] = "django.db.backends.sqlite3", ["NAME"] = File };

    public string PythonModules => "django";

    private string File => Path.Combine(folder.FullName, "comments.db");

    public async Task FillAsync()
    {
        await using (await BenchApp.StartAsync(Store, ConnectionString))
        {
            // Only for the tables.
        }

        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        // Ids rise with time, as the app's do; users are spread as a hash would spread them.
        command.CommandText = $"""
            BEGIN;
            INSERT INTO "Users" ("UserName")
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {BotData.Users}) SELECT 'user' || i FROM n;
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {BotData.Comments}),
            t(i, at) AS (SELECT i, {BotData.Oldest} + i * {BotData.Step} FROM n)
            SELECT printf('%08X-%04X-7%03X-8%03X-%012X', at >> 16, at & 65535, i & 4095, (i * 7919) & 4095, i),
                   'user' || (i * 2654435761 % {BotData.Writers}), at, 'comment number ' || i || ' ' || hex(randomblob(30)) FROM t;
            COMMIT;
            ANALYZE;
            PRAGMA wal_checkpoint(TRUNCATE);
            """;
        await command.ExecuteNonQueryAsync();
    }

    public async Task<DbConnection> OpenAsync()
    {
        var connection = new SqliteConnection(ConnectionString + ";Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}

using CommentFunctions.Tests.Data.Support;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.Data.Django.Support;

/// <summary>A site's database that a test makes by statements of its own, on either store.</summary>
public sealed class SiteDatabase : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("comments-").FullName;
    private readonly PostgresDatabase? database;

    private SiteDatabase(PostgresDatabase? database) => this.database = database;

    /// <summary>The settings that attach the app, by the tutorial's names.</summary>
    public Dictionary<string, string?> AppSettings => new()
    {
        ["Comments:Store"] = database is null ? "Sqlite" : "Postgres",
        ["Comments:Schema"] = "Django",
        ["Comments:ConnectionString"] = ConnectionString,
        ["Comments:CreateSchema"] = "true",
        ["Comments:Django:TimeZone"] = "UTC",
    };

    private string ConnectionString => database?.ConnectionString ?? $"Data Source={Path.Combine(folder, "site.db")}";

    public static async Task<SiteDatabase> CreateAsync(bool onPostgres, string sql)
    {
        var site = new SiteDatabase(onPostgres ? await PostgresDatabase.CreateAsync() : null);
        await site.RunAsync(sql);
        return site;
    }

    /// <summary>Runs statements, and returns the first column of the last one's rows.</summary>
    public async Task<List<string>> RunAsync(string sql)
    {
        if (database is not null)
        {
            return await database.RunAsync(sql);
        }

        await using var connection = new SqliteConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own texts.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await (database?.DisposeAsync() ?? ValueTask.CompletedTask);
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }
}

using System.Data.Common;
using CommentFunctions.Benchmarks.Measuring;
using Npgsql;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>The app's own tables in databases made for this on the server of <c>COMMENTS_TEST_POSTGRES</c>.</summary>
internal sealed class PostgresExpiryDatabase(string server) : IExpiryDatabase
{
    private readonly string template = $"expiry_template_{Environment.ProcessId}";
    private readonly string copy = $"expiry_{Environment.ProcessId}";

    public string Store => "Postgres";

    public string ConnectionString => Connection(copy);

    public string RawDelete => """DELETE FROM "Comments" WHERE "CreatedAt" <= @cutoff""";

    public string Insert => """INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text") VALUES (@id, 'user1', @at, @text)""";

    public object Id(Guid id) => id;

    public async Task FillAsync()
    {
        await ExecuteAsync(server, $"CREATE DATABASE {template}");
        await using (await BenchApp.StartAsync(Store, Connection(template)))
        {
            // Only for the tables.
        }

        // Ids rise with time, as the app's do; users are spread as a hash would spread them.
        await ExecuteAsync(Connection(template), $"""
            INSERT INTO "Users" ("UserName") SELECT 'user' || i FROM generate_series(0, {ExpiryData.Users - 1}) i;
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
            SELECT (lpad(to_hex(at >> 16), 8, '0') || lpad(to_hex(at & 65535), 4, '0') || '7' || lpad(to_hex(i & 4095), 3, '0') || '8' || lpad(to_hex(i * 7919 & 4095), 3, '0') || lpad(to_hex(i), 12, '0'))::uuid,
                   'user' || (i * 2654435761 % {ExpiryData.Users}), at, 'comment number ' || i || ' ' || md5(i::text) || md5((-i)::text)
            FROM (SELECT i, CASE WHEN i < {ExpiryData.Expired}
                THEN {ExpiryData.OldestExpired} + i * {(ExpiryData.NewestExpired - ExpiryData.OldestExpired) / ExpiryData.Expired}
                ELSE {ExpiryData.OldestKept} + (i - {ExpiryData.Expired}) * {(ExpiryData.NewestKept - ExpiryData.OldestKept) / (ExpiryData.Comments - ExpiryData.Expired)} END AS at
                FROM generate_series(0::bigint, {ExpiryData.Comments - 1}) i) t;
            """);
        await ExecuteAsync(Connection(template), "VACUUM ANALYZE");
    }

    public async Task CopyAsync()
    {
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {copy} WITH (FORCE)");
        await ExecuteAsync(server, $"CREATE DATABASE {copy} TEMPLATE {template}");
        // Each measurement begins with everything written, or one would pay for the copy of another.
        await ExecuteAsync(server, "CHECKPOINT");
    }

    public async Task<DbConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {copy} WITH (FORCE)");
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {template} WITH (FORCE)");
    }

    // Pools would keep connections to databases that are dropped.
    private string Connection(string database) => new NpgsqlConnectionStringBuilder(server) { Database = database, Pooling = false }.ToString();

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}

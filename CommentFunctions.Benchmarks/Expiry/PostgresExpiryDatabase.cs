using System.Data.Common;
using CommentFunctions.Benchmarks.Measuring;
using Npgsql;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>The app's own tables in databases made for this on the server of <c>COMMENTS_TEST_POSTGRES</c>.</summary>
internal sealed class PostgresExpiryDatabase(string server, ExpiryData data) : IExpiryDatabase
{
    private readonly string template = $"expiry_template_{Environment.ProcessId}";
    private readonly string copy = $"expiry_{Environment.ProcessId}";

    public string Store => "Postgres";

    public string ConnectionString => PostgresServer.To(server, copy);

    public string RawDelete => """DELETE FROM "Comments" WHERE "CreatedAt" <= @cutoff""";

    public string Insert => """INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text") VALUES (@id, 'user1', @at, @text)""";

    public object Id(Guid id) => id;

    public async Task FillAsync()
    {
        var to = PostgresServer.To(server, template);
        await PostgresServer.ExecuteAsync(server, $"CREATE DATABASE {template}", Ending.Token);
        await using (await BenchApp.StartAsync(Store, to))
        {
            // Only for the tables.
        }

        await PostgresServer.ExecuteAsync(
            to, $"""INSERT INTO "Users" ("UserName") SELECT 'user' || i FROM generate_series(0, {ExpiryData.Users - 1}) i""", Ending.Token);
        // Ids rise with time, as the app's do; users are spread as a hash would spread them.
        await PostgresServer.FillAsync(to, (first, end) => $"""
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
            SELECT (lpad(to_hex(at >> 16), 8, '0') || lpad(to_hex(at & 65535), 4, '0') || '7' || lpad(to_hex(i & 4095), 3, '0') || '8' || lpad(to_hex(i * 7919 & 4095), 3, '0') || lpad(to_hex(i), 12, '0'))::uuid,
                   'user' || (i * 2654435761 % {ExpiryData.Users}), at, 'comment number ' || i || ' ' || md5(i::text) || md5((-i)::text)
            FROM (SELECT i, {data.At} AS at FROM generate_series({first}::bigint, {end - 1}) i) t
            """, data.Comments);
    }

    public async Task CopyAsync()
    {
        await PostgresServer.DropAsync(server, copy);
        // By its files: the log would get all of them, too.
        await PostgresServer.ExecuteAsync(server, $"CREATE DATABASE {copy} TEMPLATE {template} STRATEGY FILE_COPY", Ending.Token);
        // Each measurement begins with everything written, or one would pay for the copy of another.
        await PostgresServer.ExecuteAsync(server, "CHECKPOINT", Ending.Token);
    }

    public async Task<DbConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(Ending.Token);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await PostgresServer.DropAsync(server, copy);
        await PostgresServer.DropAsync(server, template);
    }
}

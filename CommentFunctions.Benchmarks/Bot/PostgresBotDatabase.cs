using System.Data.Common;
using System.Globalization;
using CommentFunctions.Benchmarks.Measuring;
using Npgsql;

namespace CommentFunctions.Benchmarks.Bot;

/// <summary>The app's own tables in a database made for this on the server of <c>COMMENTS_TEST_POSTGRES</c>.</summary>
internal sealed class PostgresBotDatabase(string server) : IBotDatabase
{
    private readonly string name = $"bot_{Environment.ProcessId}";

    public string Store => "Postgres";

    public string ConnectionString => Connection().ToString();

    public IReadOnlyDictionary<string, string> Django
    {
        get
        {
            var connection = Connection();
            return new Dictionary<string, string>
            {
                ["ENGINE"] = "django.db.backends.postgresql",
                ["NAME"] = name,
                ["HOST"] = connection.Host ?? "",
                ["PORT"] = connection.Port.ToString(CultureInfo.InvariantCulture),
                ["USER"] = connection.Username ?? "",
                ["PASSWORD"] = connection.Password ?? "",
            };
        }
    }

    public string PythonModules => "django, psycopg2";

    public async Task FillAsync()
    {
        await PostgresServer.ExecuteAsync(server, $"CREATE DATABASE {name}", Ending.Token);
        await using (await BenchApp.StartAsync(Store, ConnectionString))
        {
            // Only for the tables.
        }

        // Ids rise with time, as the app's do; users are spread as a hash would spread them.
        await PostgresServer.ExecuteAsync(PostgresServer.To(server, name), $"""
            INSERT INTO "Users" ("UserName") SELECT 'user' || i FROM generate_series(0, {BotData.Users - 1}) i;
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
            SELECT (lpad(to_hex(at >> 16), 8, '0') || lpad(to_hex(at & 65535), 4, '0') || '7' || lpad(to_hex(i & 4095), 3, '0') || '8' || lpad(to_hex(i * 7919 & 4095), 3, '0') || lpad(to_hex(i), 12, '0'))::uuid,
                   'user' || (i * 2654435761 % {BotData.Writers}), at, 'comment number ' || i || ' ' || md5(i::text) || md5((-i)::text)
            FROM (SELECT i, {BotData.Oldest} + i * {BotData.Step} AS at FROM generate_series(0::bigint, {BotData.Comments - 1}) i) t;
            """, Ending.Token);
        await PostgresServer.ExecuteAsync(PostgresServer.To(server, name), "VACUUM ANALYZE", Ending.Token);
        await PostgresServer.ExecuteAsync(server, "CHECKPOINT", Ending.Token);
    }

    public async Task<DbConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await PostgresServer.DropAsync(server, name);
    }

    private NpgsqlConnectionStringBuilder Connection() => new(server) { Database = name };
}

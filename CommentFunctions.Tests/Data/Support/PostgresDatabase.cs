using Npgsql;

namespace CommentFunctions.Tests.Data.Support;

/// <summary>A database of a test's own on the server of <see cref="Reachable.PostgresVariable"/>.</summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder connection;

    private PostgresDatabase(NpgsqlConnectionStringBuilder connection) => this.connection = connection;

    public string ConnectionString => connection.ToString();

    public string Name => connection.Database!;

    public string Host => connection.Host!;

    public int Port => connection.Port;

    public string User => connection.Username!;

    public string? Password => connection.Password;

    private static NpgsqlConnectionStringBuilder Server => new(Environment.GetEnvironmentVariable(Reachable.PostgresVariable));

    public static async Task<PostgresDatabase> CreateAsync()
    {
        var name = $"comments_test_{Guid.NewGuid():N}";
        await ExecuteAsync(Server, $"CREATE DATABASE {name}");
        return new(new(Server.ToString()) { Database = name });
    }

    /// <summary>The connection string by another way to the server.</summary>
    public string Through(int port) => new NpgsqlConnectionStringBuilder(ConnectionString) { Host = "127.0.0.1", Port = port }.ToString();

    public Task<List<string>> RunAsync(string sql) => ExecuteAsync(connection, sql);

    /// <summary>Copies the database, which nobody may use meanwhile.</summary>
    public async Task<PostgresDatabase> CopyAsync()
    {
        NpgsqlConnection.ClearAllPools();
        var name = $"comments_test_{Guid.NewGuid():N}";
        await ExecuteAsync(Server, $"CREATE DATABASE {name} TEMPLATE {Name}");
        return new(new(Server.ToString()) { Database = name });
    }

    public async ValueTask DisposeAsync() => await ExecuteAsync(Server, $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");

    private static async Task<List<string>> ExecuteAsync(NpgsqlConnectionStringBuilder to, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(to.ToString()) { Pooling = false, CommandTimeout = 120 }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i).ToString())));
        }

        return rows;
    }
}

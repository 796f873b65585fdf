using Npgsql;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>Statements on a connection of their own, which no pool keeps: their databases are dropped.</summary>
internal static class PostgresServer
{
    private const int RowsAtOnce = 1_000_000;

    /// <summary>The connection string for a database of the same server.</summary>
    public static string To(string server, string database) =>
        new NpgsqlConnectionStringBuilder(server) { Database = database, Pooling = false }.ToString();

    public static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await ExecuteAsync(connection, sql, cancellationToken);
    }

    /// <summary>Removes a database, also at the benchmark's end.</summary>
    public static Task DropAsync(string server, string database) =>
        ExecuteAsync(server, $"DROP DATABASE IF EXISTS {database} WITH (FORCE)", CancellationToken.None);

    /// <summary>
    /// Fills the app's comments in steps, without indexes and references, which are made of all rows at once afterwards.
    /// </summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="insert">The statement for the rows of these numbers: the first one, and the one after the last.</param>
    /// <param name="rows">How many.</param>
    public static async Task FillAsync(string connectionString, Func<long, long, string> insert, long rows)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Ending.Token);
        string drop, make;
        await using (var find = new NpgsqlCommand("""
            SELECT string_agg("drop", ';'), string_agg(make, ';') FROM (
            SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
            FROM pg_index WHERE indrelid = '"Comments"'::regclass AND NOT indisprimary
            UNION ALL
            SELECT format('ALTER TABLE "Comments" DROP CONSTRAINT %I', conname), format('ALTER TABLE "Comments" ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE conrelid = '"Comments"'::regclass AND contype = 'f') AS parts("drop", make)
            """, connection))
        {
            await using var found = await find.ExecuteReaderAsync(Ending.Token);
            await found.ReadAsync(Ending.Token);
            (drop, make) = (found.GetString(0), found.GetString(1));
        }

        await ExecuteAsync(connection, drop, Ending.Token);
        for (long first = 0; first < rows; first += RowsAtOnce)
        {
            await ExecuteAsync(connection, insert(first, Math.Min(first + RowsAtOnce, rows)), Ending.Token);
        }

        await ExecuteAsync(connection, make, Ending.Token);
        await ExecuteAsync(connection, "VACUUM ANALYZE", Ending.Token);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

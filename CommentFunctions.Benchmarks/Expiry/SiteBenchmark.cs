using System.Data.Common;
using System.Diagnostics;
using CommentFunctions.Benchmarks.Measuring;
using CommentFunctions.Expiry;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>Deletes 500,000 comments of a Django site with the 1,500,000 flags that refer to them while the site writes.</summary>
internal static class SiteBenchmark
{
    private const int Expired = 500_000;

    private static readonly (string Name, string Value)[] Settings =
    [
        ("Comments:Schema", "Django"), ("Comments:Django:TimeZone", "UTC"), ("Comments:Django:Dependents", "comments_flag.comment_id"),
    ];

    public static async Task RunAsync(int rounds)
    {
        await MeasureAsync(new SqliteSite(), rounds);
        if (Environment.GetEnvironmentVariable("COMMENTS_TEST_POSTGRES") is { Length: > 0 } server)
        {
            await MeasureAsync(new PostgresSite(server), rounds);
        }
        else
        {
            Console.WriteLine("Postgres: not measured; COMMENTS_TEST_POSTGRES names no server.");
        }
    }

    private static async Task MeasureAsync(IExpiryDatabase site, int rounds)
    {
        await using var _ = site;
        List<double> seconds = [];
        List<Samples> waits = [];
        for (var round = 0; round < rounds; round++)
        {
            await site.FillAsync();
            seconds.Add(await DeleteAsync(site, waits));
            Console.WriteLine($"  round {round + 1}: {seconds[^1]:0.00} s, longest wait {waits[^1].Max:0} ms");
        }

        var (p50, p99, max) = (new Samples(waits.Select(w => w.Median)), new Samples(waits.Select(w => w.At(0.99))), new Samples(waits.Select(w => w.Max)));
        Table.Print(
            $"{site.Store}: deleting {Expired:N0} comments of a site with {3 * Expired:N0} flags, median (range) of {rounds}",
            ["", "seconds", "writer p50 ms", "p99 ms", "max ms"],
            ["deletion, 100 inserts/s", new Samples(seconds).Format(), p50.Format(), p99.Format(), max.Format()]);
        Result.Print("site", site.Store, ("seconds", new(seconds)), ("writerP99Ms", p99), ("writerMaxMs", max));
    }

    private static async Task<double> DeleteAsync(IExpiryDatabase site, List<Samples> waits)
    {
        await using var app = await BenchApp.StartAsync(site.Store, site.ConnectionString, Settings);
        var ((run, seconds), written) = await ConcurrentWriter.BesideAsync(site, async () =>
        {
            var start = Stopwatch.GetTimestamp();
            var run = await app.ExpireAsync();
            return (run, Stopwatch.GetElapsedTime(start).TotalSeconds);
        });
        await using var connection = await site.OpenAsync();
        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT count(*) FROM comments_flag";
        var left = Convert.ToInt64(await count.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
        if ((run.Deleted, left) != (Expired, 3))
        {
            throw new InvalidOperationException($"{run.Deleted:N0} comments were deleted instead of {Expired:N0}, and {left:N0} flags are left instead of 3.");
        }

        waits.Add(written);
        return seconds;
    }

    /// <summary>Tables as Django makes them: an index on each reference, none on the times.</summary>
    private static string Make(string key, string time) => $"""
        CREATE TABLE auth_user (id {key} PRIMARY KEY, username varchar(150) NOT NULL UNIQUE);
        CREATE TABLE comments_comment (id {key} PRIMARY KEY, "timestamp" {time} NOT NULL, text text NOT NULL,
            user_id integer NOT NULL REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE comments_flag (id {key} PRIMARY KEY, comment_id integer NOT NULL REFERENCES comments_comment (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE INDEX comments_user ON comments_comment (user_id);
        CREATE INDEX flag_comment ON comments_flag (comment_id);
        INSERT INTO auth_user VALUES (1, 'user1');
        """;

    private static long Next(ref long last) => Interlocked.Increment(ref last);

    private sealed class SqliteSite : IExpiryDatabase
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("site-");
        private long last;

        public string Store => "Sqlite";

        public string ConnectionString => $"Data Source={Path.Combine(folder.FullName, "db.sqlite3")}";

        public string RawDelete => throw new NotSupportedException();

        public string Insert => "INSERT INTO comments_comment VALUES ($id, datetime($at / 1000, 'unixepoch'), $text, 1)";

        public object Id(Guid id) => Next(ref last);

        public async Task FillAsync()
        {
            SqliteConnection.ClearAllPools();
            foreach (var file in folder.EnumerateFiles())
            {
                file.Delete();
            }

            last = Expired + 1;
            await using var connection = new SqliteConnection(ConnectionString + ";Pooling=False");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            (command.CommandTimeout, command.CommandText) = (0, $"""
                PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;
                BEGIN;
                {Make("integer", "datetime")}
                INSERT INTO comments_comment
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= {Expired})
                SELECT i, datetime({ExpiryData.Now} / 1000, 'unixepoch', CASE WHEN i <= {Expired} THEN '-2 days' ELSE '-1 hour' END), 'comment number ' || i || ' ' || hex(randomblob(30)), 1 FROM n;
                INSERT INTO comments_flag (comment_id) SELECT id FROM comments_comment, (VALUES (1), (2), (3));
                COMMIT; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);
                """);
            await command.ExecuteNonQueryAsync();
        }

        public Task CopyAsync() => throw new NotSupportedException();

        public async Task<DbConnection> OpenAsync()
        {
            var connection = new SqliteConnection(ConnectionString + ";Pooling=False");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA busy_timeout = 60000";
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

    private sealed class PostgresSite(string server) : IExpiryDatabase
    {
        private readonly string name = $"site_{Environment.ProcessId}";
        private long last;

        public string Store => "Postgres";

        public string ConnectionString => PostgresServer.To(server, name);

        public string RawDelete => throw new NotSupportedException();

        public string Insert => "INSERT INTO comments_comment VALUES (@id, to_timestamp(@at / 1000.0), @text, 1)";

        public object Id(Guid id) => Next(ref last);

        public async Task FillAsync()
        {
            await PostgresServer.DropAsync(server, name);
            await PostgresServer.ExecuteAsync(server, $"CREATE DATABASE {name}", Ending.Token);
            last = Expired + 1;
            await PostgresServer.ExecuteAsync(ConnectionString, Make("integer", "timestamptz") + $"""
                INSERT INTO comments_comment
                SELECT i, to_timestamp({ExpiryData.Now} / 1000.0) - CASE WHEN i <= {Expired} THEN interval '2 days' ELSE interval '1 hour' END, 'comment number ' || i || ' ' || md5(i::text), 1
                FROM generate_series(1, {Expired} + 1) i;
                INSERT INTO comments_flag SELECT row_number() OVER (), id FROM comments_comment, (VALUES (1), (2), (3)) three
                """, Ending.Token);
            await PostgresServer.ExecuteAsync(ConnectionString, "VACUUM ANALYZE", Ending.Token);
            await PostgresServer.ExecuteAsync(server, "CHECKPOINT", Ending.Token);
        }

        public Task CopyAsync() => throw new NotSupportedException();

        public async Task<DbConnection> OpenAsync()
        {
            var connection = new NpgsqlConnection(ConnectionString);
            await connection.OpenAsync();
            return connection;
        }

        public async ValueTask DisposeAsync() => await PostgresServer.DropAsync(server, name);
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CommentFunctions.Data;
using CommentFunctions.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Data;

/// <summary>A start on a store that cannot be used fails within 10 seconds, with one line that names the setting and says what to do.</summary>
public sealed class StartTests : IDisposable
{
    private const string Secret = "hunter2";
    private static readonly (string Name, string? Value) Zone = ("Comments:Django:TimeZone", "UTC");
    private readonly string folder = Directory.CreateTempSubdirectory("comments-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("Comments:Store", "Oracle", "Comments:Store is 'Oracle'. Allowed: Sqlite, Postgres")]
    [InlineData("Comments:Schema", "Drupal", "Comments:Schema is 'Drupal'. Allowed: Own, Django.")]
    [InlineData("Comments:Store", "Postgres", "Comments:ConnectionString is not set, and Comments:Store is Postgres. Allowed: Host=")]
    [InlineData("Comments:Schema", "Django", "Comments:ConnectionString is not set, and Comments:Schema is Django.")]
    public async Task A_setting_that_cannot_be_is_named(string setting, string value, string line) =>
        Assert.StartsWith(line, await FailAsync(Zone, (setting, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Django:Table", "", "Comments:Django:Table is empty.")]
    [InlineData("Django:TimeZone", "Mars/Olympus", "Comments:Django:TimeZone is 'Mars/Olympus'")]
    [InlineData("Django:TimeZone", "", "Comments:Django:TimeZone is not set, and Comments:Schema is Django on SQLite")]
    [InlineData("Django:TimeZone", null, "Comments:Django:TimeZone is not set, and Comments:Schema is Django on SQLite")]
    [InlineData("Django:TimeZone", "Europe/Berlin", "Comments:ConnectionString leads to the file")]
    public async Task The_settings_of_a_django_site_are_checked(string setting, string? value, string line) => Assert.StartsWith(
        line,
        await FailAsync(("Comments:Schema", "Django"), ("Comments:ConnectionString", "Data Source=missing.db"), Zone, ($"Comments:{setting}", value)),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("nonsense " + Secret)]
    [InlineData("Host=localhost;Database=x;Password=a;" + Secret + "=1")]
    [InlineData("Database=x;Password=" + Secret)]
    [InlineData("Host=localhost;Password=" + Secret)]
    public async Task A_connection_string_that_is_none_is_not_repeated(string connectionString) => Assert.StartsWith(
        "Comments:ConnectionString ", await FailOnPostgresAsync(connectionString), StringComparison.Ordinal);

    [Fact]
    public async Task A_server_that_is_not_there_is_named_without_the_password() => Assert.StartsWith(
        "Comments:ConnectionString leads to database site at 127.0.0.1:1, which cannot be used: ",
        await FailOnPostgresAsync($"Host=127.0.0.1;Port=1;Database=site;Username=x;Password={Secret}"),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_on()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;

        Assert.Contains($"127.0.0.1:{port}", await FailOnPostgresAsync($"Host=127.0.0.1;Port={port};Database=x;Password={Secret}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_somebody_holds_is_given_up_on()
    {
        await RunAsync("PRAGMA journal_mode = DELETE; CREATE TABLE theirs (x)");
        await using var holder = await HoldAsync("BEGIN EXCLUSIVE");

        Assert.StartsWith("Comments:ConnectionString leads to the file", await FailAsync(("Comments:ConnectionString", File)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_somebody_writes_to_for_long_is_given_up_on()
    {
        await using (await TestApp.StartAsync(new() { ["Comments:ConnectionString"] = File }))
        {
            // It makes the tables.
        }

        SqliteConnection.ClearAllPools();
        // Turning to WAL takes the file alone, while everybody can read it.
        await RunAsync("PRAGMA journal_mode = DELETE");
        await using var holder = await HoldAsync("BEGIN IMMEDIATE");

        Assert.StartsWith("Comments:ConnectionString leads to the file", await FailAsync(("Comments:ConnectionString", File)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sites_file_that_somebody_writes_to_for_long_is_given_up_on()
    {
        await RunAsync("""
            CREATE TABLE auth_user (id integer, username varchar(150));
            CREATE TABLE comments_comment (id integer, user_id integer, text text, timestamp datetime)
            """);
        await using var holder = await HoldAsync("BEGIN IMMEDIATE");

        Assert.StartsWith("Comments:ConnectionString leads to the file", await FailAsync(
            ("Comments:Schema", "Django"), Zone, ("Comments:ConnectionString", File), ("Comments:CreateSchema", "true")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BEGIN IMMEDIATE")]
    [InlineData("BEGIN; SELECT * FROM Comments")]
    public async Task A_file_of_the_apps_that_others_use_is_no_hindrance(string theirs)
    {
        await using (await TestApp.StartAsync(new() { ["Comments:ConnectionString"] = File }))
        {
            await using var holder = await HoldAsync(theirs);
            await using var second = await TestApp.StartAsync(new() { ["Comments:ConnectionString"] = File });
        }
    }

    [Fact]
    public async Task A_file_of_another_app_is_refused_as_it_is()
    {
        await RunAsync("PRAGMA journal_mode = DELETE; CREATE TABLE theirs (x)");

        Assert.Contains("tables, but not those of this app", await FailAsync(("Comments:ConnectionString", File)), StringComparison.Ordinal);
        Assert.Equal("delete theirs", await RunAsync("SELECT (SELECT * FROM pragma_journal_mode) || ' ' || group_concat(name) FROM sqlite_master"));
    }

    [Fact]
    public async Task A_sites_tables_that_are_missing_are_named()
    {
        var connection = ("Comments:ConnectionString", File);
        await RunAsync("CREATE TABLE django_migrations (id)");
        Assert.Equal(
            [
                "Comments:Django:Table is 'comments_comment', and the database has no such table. Set it to the table of the site's comments, such as "
                    + "comments_comment, and Comments:ConnectionString to the site's database. To see what could be meant: run DescribeSite.",
                "Comments:Django:UserTable is 'auth_user', and the database has no such table. Set it to the table of the site's users, after the "
                    + "site's own migrate, and Comments:ConnectionString to the site's database. To see what could be meant: run DescribeSite.",
            ],
            await FailuresAsync(("Comments:Schema", "Django"), Zone, connection));

        await RunAsync("CREATE TABLE auth_user (id integer, username varchar(150)); CREATE TABLE blog_comment (id integer, user_id integer, text text)");
        Assert.StartsWith("Comments:Django:Table is 'comments_comment', and the database has no such table",
            await FailAsync(("Comments:Schema", "Django"), Zone, connection), StringComparison.Ordinal);

        // There, but without its time.
        Assert.Equal("Comments:Django:Time is 'timestamp', and the table blog_comment has no such column. It has id, user_id, text. To see what could be meant: run DescribeSite.",
            await FailAsync(("Comments:Schema", "Django"), Zone, connection, ("Comments:Django:Table", "blog_comment")));

        await RunAsync("ALTER TABLE blog_comment ADD COLUMN timestamp datetime");
        Assert.StartsWith("Comments:CreateSchema is false, and the site's database lacks a table of the app's own",
            await FailAsync(("Comments:Schema", "Django"), Zone, connection, ("Comments:Django:Table", "blog_comment")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_start_that_is_stopped_does_not_wait_for_the_store(bool hears)
    {
        using var stop = new CancellationTokenSource();
        var (asked, over) = (new TaskCompletionSource<CancellationToken>(), new ManualResetEventSlim());
        var starting = TestApp.StartAsync(store: inner => new SlowStore(inner, asked, over, hears), folder: folder, cancellationToken: stop.Token);
        var heard = await asked.Task.WaitAsync(TimeSpan.FromMinutes(1));

        await stop.CancelAsync();
        try
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.WaitAsync(TimeSpan.FromMinutes(1)));
            Assert.True(heard.IsCancellationRequested);
        }
        finally
        {
            over.Set();
        }
    }

    private string File => $"Data Source={Path.Combine(folder, "file.db")}";

    private static Task<string> FailOnPostgresAsync(string connectionString) =>
        FailAsync(("Comments:Store", "Postgres"), ("Comments:ConnectionString", connectionString));

    private static async Task<string> FailAsync(params (string Name, string? Value)[] settings) => Assert.Single(await FailuresAsync(settings));

    private static async Task<IReadOnlyList<string>> FailuresAsync(params (string Name, string? Value)[] settings)
    {
        var start = Stopwatch.GetTimestamp();
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestApp.StartAsync(settings.GroupBy(s => s.Name).ToDictionary(s => s.Key, s => s.Last().Value)));

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        List<string> lines = [.. failure.Failures];
        Assert.All(lines, line => Assert.DoesNotContain(Secret, line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain('\n', line));
        return lines;
    }

    private async Task<SqliteConnection> HoldAsync(string sql)
    {
        var holder = new SqliteConnection(File + ";Pooling=False");
        await holder.OpenAsync();
#pragma warning disable CA2100 // Constants of this class.
        await using var hold = new SqliteCommand(sql, holder);
#pragma warning restore CA2100
        await hold.ExecuteNonQueryAsync();
        return holder;
    }

    private async Task<string?> RunAsync(string sql)
    {
        await using var connection = new SqliteConnection(File + ";Pooling=False");
        await connection.OpenAsync();
#pragma warning disable CA2100 // Constants of this class.
        await using var command = new SqliteCommand(sql, connection);
#pragma warning restore CA2100
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    /// <summary>A store whose start takes until it is over, and which may hear that nobody waits for it any more: SQLite blocks its caller and does not.</summary>
    private sealed class SlowStore(CommentStore inner, TaskCompletionSource<CancellationToken> asked, ManualResetEventSlim over, bool hears) : DisturbedStore(inner)
    {
        public override Task PrepareAsync(CommentDbContext db, CommentSchema schema, bool create, CancellationToken cancellationToken)
        {
            asked.SetResult(cancellationToken);
            over.Wait(hears ? cancellationToken : CancellationToken.None);
            return Task.CompletedTask;
        }
    }
}

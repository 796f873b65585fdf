using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>
/// A store that is away while messages come by Telegram and the web: each gets its one reply when the store is back, with no operator
/// and without the functions asking for it over and over. <c>COMMENTS_TEST_OUTAGE</c> sets the seconds, 4 unless it is set.
/// </summary>
public abstract class OutageTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("COMMENTS_TEST_OUTAGE"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 4);

    private const int Each = 100;

    private protected AppFolder Folder { get; } = new(concurrentCalls: 64);

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes the store away and brings it back while messages come.</summary>
    private protected async Task AssertAnsweredAsync((string Name, string Value)[] store, Func<Task> takeAway, Func<Task> bringBack, string? shell = null)
    {
        await using var services = await ServicesWithTrouble.StartAsync();
        await using var app = await AppProcess.ServeAsync(Folder, [.. store, .. services.Settings], shell);
        (await app.Http.PostCommentAsync("ann", "hers")).EnsureSuccessStatusCode();
        await takeAway();
        // However slowly the messages come, half of them do while it is away.
        var half = new TaskCompletionSource();
        var back = Task.WhenAll(Task.Delay(Away), half.Task).ContinueWith(_ => bringBack(), TaskScheduler.Default).Unwrap();
        foreach (var i in Enumerable.Range(1, Each))
        {
            await AskAsync(app.Http, i);
            if (i == Each / 2)
            {
                Assert.Empty(services.Texts);
                half.SetResult();
            }

            await Task.Delay(Away / (2 * Each));
        }

        var post = app.Http.PostCommentAsync("bob", "while the store is away");
        using (var answer = await post)
        {
            // A lock may end while the caller waits for it.
            Assert.True(answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Created, $"{answer.StatusCode}");
            Assert.Equal(answer.StatusCode == HttpStatusCode.ServiceUnavailable, answer.Headers.RetryAfter is not null);
        }

        await back;
        await AllAnsweredAsync(app, services);
        Assert.Equal(Each, services.Count);
        Assert.Single(services.Texts.Distinct());
        await Folder.UseQueuesAsync(async queues =>
        {
            Assert.Equal(new(0, 0, 0), await queues.CountAsync("bot-messages"));
            Assert.Equal(new(0, 0, 0), await queues.CountAsync("bot-replies"));
        });

        var attempts = (4 * Each) + Regex.Count(app.Output, "is tried again in");
        output.WriteLine($"{2 * Each} messages, store away for {Away.TotalSeconds} s: {attempts} attempts");
        Assert.InRange(attempts, 4 * Each, 2_000);
    }

    private static async Task AskAsync(HttpClient http, int i)
    {
        Assert.True(await new WebhookCall(
            "api/channels/telegram",
            TelegramStandIn.Update(i, "ann", chat: i),
            ("X-Telegram-Bot-Api-Secret-Token", TelegramStandIn.Secret),
            ["ann"],
            HttpStatusCode.OK).SendAsync(http));
        using var answer = await http.AskBotAsync($"c{i}", "ann");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    // The longest pause after an outage is as long as the outage was, and a quarter more.
    private static async Task AllAnsweredAsync(AppProcess app, ServicesWithTrouble services)
    {
        var giveUp = DateTimeOffset.UtcNow + (2 * Away) + TimeSpan.FromMinutes(2);
        for (var next = 1; next <= Each || services.Count < Each;)
        {
            Assert.True(DateTimeOffset.UtcNow < giveUp, $"{services.Count} answered by Telegram, {next - 1} on the web; the last lines:\n{app.Output[^Math.Min(2_000, app.Output.Length)..]}");
            if (next <= Each && await app.Http.RepliesAsync($"c{next}") is { Count: > 0 } replies)
            {
                Assert.Single(replies);
                next++;
            }
            else
            {
                await Task.Delay(200);
            }
        }
    }
}

[Requires(Reachable.Mounts)]
public sealed class SqliteOutageTests(ITestOutputHelper output) : OutageTests(output)
{
    [StoreFact]
    public async Task A_file_that_is_locked()
    {
        var file = Path.Combine(Folder.Path, "comments.db");
        await using var other = new SqliteConnection($"Data Source={file};Pooling=False");
        await AssertAnsweredAsync(
            [("Comments__ConnectionString", $"Data Source={file}")],
            async () =>
            {
                await other.OpenAsync();
                await ExecuteAsync(other, "BEGIN IMMEDIATE");
            },
            () => ExecuteAsync(other, "ROLLBACK"));
    }

    [StoreFact]
    public async Task A_disk_that_is_full()
    {
        var disk = Path.Combine(Folder.Path, "disk");
        var full = Path.Combine(Folder.Path, "full");
        // Only who is in the namespace sees the disk.
        var filler = $"(while [ -d '{Folder.Path}' ]; do if [ -e '{full}' ]; then [ -e '{disk}/full' ] || cat /dev/zero >'{disk}/full' 2>/dev/null; "
            + $"else rm -f '{disk}/full'; fi; sleep 0.1; done >/dev/null 2>&1 &)";
        await AssertAnsweredAsync(
            [("Comments__ConnectionString", $"Data Source={disk}/comments.db")],
            async () =>
            {
                await File.WriteAllTextAsync(full, "");
                await Task.Delay(1_000);
            },
            () =>
            {
                File.Delete(full);
                return Task.CompletedTask;
            },
            $"mkdir '{disk}' && mount -t tmpfs -o size=64m none '{disk}' && {filler}");
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}

[Requires(Reachable.Postgres)]
public sealed class PostgresOutageTests(ITestOutputHelper output) : OutageTests(output), IAsyncLifetime
{
    private PostgresDatabase database = null!;

    public async Task InitializeAsync() => database = await PostgresDatabase.CreateAsync();

    public async Task DisposeAsync() => await database.DisposeAsync();

    [StoreFact]
    public Task A_database_that_is_read_only() => AssertAnsweredAsync(
        Settings(database.ConnectionString), () => SetReadOnlyAsync("on"), () => SetReadOnlyAsync("off"));

    [StoreFact]
    public async Task A_server_that_is_out_of_reach()
    {
        using var proxy = new TcpProxy(database.Host, database.Port);
        await AssertAnsweredAsync(Settings(database.Through(proxy.Port)), () => Task.Run(proxy.Cut), () => Task.Run(proxy.Mend));
    }

    private static (string Name, string Value)[] Settings(string connectionString) =>
        [("Comments__Store", "Postgres"), ("Comments__CreateSchema", "true"), ("Comments__ConnectionString", connectionString)];

    private async Task SetReadOnlyAsync(string value)
    {
        await database.RunAsync($"SET TRANSACTION READ WRITE; ALTER DATABASE {database.Name} SET default_transaction_read_only = {value}");
        // For connections that are open it would not hold.
        await database.RunAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.Name}' AND pid <> pg_backend_pid()");
    }
}

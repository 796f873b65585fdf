using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>What health says of files that cannot be written, or that are others than they were.</summary>
[Requires(Reachable.Mounts)]
public sealed class HealthTests : IDisposable
{
    private readonly AppFolder folder = new();

    private string State => Path.Combine(folder.Path, ".local");

    private string Comments => Path.Combine(State, "comments.db");

    private string Full => Path.Combine(folder.Path, "full");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    [StoreFact]
    public async Task A_full_disk_is_noticed_and_so_is_its_room()
    {
        await using var app = AppProcess.Start(folder, ["--port", "0"], shell:
            $"mkdir '{State}' && mount -t tmpfs -o size=4m none '{State}' && "
            + $"{{ (while [ -e '{folder.Path}/host.json' ]; do if [ -e '{Full}' ]; then cat /dev/zero >>'{State}/filler'; else rm -f '{State}/filler'; fi; sleep 0.1; done) >/dev/null 2>&1 & }}");
        await app.ServingAsync();
        Assert.Equal(HttpStatusCode.Created, (await app.Http.PostCommentAsync("ann", "hers")).StatusCode);
        Assert.Equal((200, "healthy"), await app.Http.HealthAsync(""));

        await File.WriteAllTextAsync(Full, "");
        await AppClient.EventuallyAsync(async () => (await app.Http.PostCommentAsync("ann", new string('x', 500))).StatusCode != HttpStatusCode.Created, "full");
        Assert.Equal((503, "unhealthy"), await app.Http.HealthAsync("its disk is full"));

        File.Delete(Full);
        await AppClient.EventuallyAsync(async () => await app.Http.HealthAsync("") == (200, "healthy"), "well again");
        Assert.Equal(HttpStatusCode.Created, (await app.Http.PostCommentAsync("ann", "hers too")).StatusCode);
    }

    [StoreFact]
    public async Task A_site_file_that_may_only_be_read_is_named()
    {
        await using (var site = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "site.db")}"))
        {
            await site.OpenAsync();
            await using var command = site.CreateCommand();
            command.CommandText = """
                CREATE TABLE auth_user (id INTEGER PRIMARY KEY, username TEXT NOT NULL);
                CREATE TABLE comments_comment (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, timestamp TEXT NOT NULL, text TEXT NOT NULL);
                """;
            await command.ExecuteNonQueryAsync();
        }

        (string, string)[] settings =
        [
            ("Comments__Schema", "Django"), ("Comments__ConnectionString", "Data Source=site.db"), ("Comments__CreateSchema", "true"), ("Comments__Django__TimeZone", "UTC"),
        ];
        await using (var made = await AppProcess.ServeAsync(folder, settings))
        {
            Assert.Equal((200, "healthy"), await made.Http.HealthAsync(""));
        }

        settings[1] = ("Comments__ConnectionString", "Data Source=site.db;Mode=ReadOnly");
        settings[2] = ("Comments__CreateSchema", "false");
        await using var app = await AppProcess.ServeAsync(folder, settings);
        Assert.Equal((503, "unhealthy"), await app.Http.HealthAsync("its file may not be written"));
    }

    /// <summary>Each way meets a process that opened the file anew.</summary>
    [StoreFact]
    public async Task Nothing_is_accepted_into_a_file_that_was_deleted_or_replaced_or_whose_log_was()
    {
        (string Way, Action Lose)[] ways =
        [
            ("the file is deleted", () => folder.CommentFiles.ToList().ForEach(File.Delete)),
            ("its log is deleted", () => File.Delete(Comments + "-wal")),
            ("its log is replaced", () => Replace(Comments + "-wal")),
            ("the file is replaced", () => Replace(Comments)),
        ];
        foreach (var (way, lose) in ways)
        {
            await using var app = await AppProcess.ServeAsync(folder);
            await AssertAcceptedAsync(app);
            await AssertLostAsync(app, way, lose);
        }

        await using var last = await AppProcess.ServeAsync(folder);
        await AssertAcceptedAsync(last);
    }

    private static async Task AssertAcceptedAsync(AppProcess app)
    {
        Assert.Equal((200, "healthy"), await app.Http.HealthAsync(""));
        Assert.Equal(HttpStatusCode.Created, (await app.Http.PostCommentAsync("ann", "again")).StatusCode);
    }

    // Many at once, so that pooled connections and new ones write.
    private static async Task AssertLostAsync(AppProcess app, string way, Action lose)
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => app.Http.PostCommentAsync("ann", $"before {i}")));

        lose();
        var posts = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => app.Http.PostCommentAsync("ann", $"after {i}")));

        Assert.All(posts, post => Assert.Equal((way, HttpStatusCode.ServiceUnavailable), (way, post.StatusCode)));
        Assert.All(posts, post => Assert.NotNull(post.Headers.RetryAfter));
        Assert.Equal((way, HttpStatusCode.ServiceUnavailable), (way, (await app.Http.GetAsync("api/users/ann/comments")).StatusCode));
        Assert.Equal((way, (503, "unhealthy")), (way, await app.Http.HealthAsync("was deleted or replaced while it was in use. Start the app again")));
        await AppClient.EventuallyAsync(
            () => Task.FromResult(app.Output.Contains("until the app is started again", StringComparison.Ordinal)), $"the log tells of it when {way}");
    }

    private static void Replace(string file)
    {
        File.Copy(file, file + ".copy");
        File.Move(file + ".copy", file, overwrite: true);
    }
}

/// <summary>What health says while another program holds a file, and that it is well again.</summary>
[Collection(RunningAppGroup.Name)]
public sealed class HeldFileHealthTests(RunningApp running)
{
    private readonly AppProcess app = running.App;

    [Fact]
    public async Task A_file_that_another_program_holds_is_named_while_it_is_held()
    {
        await using (var other = Hold("comments.db"))
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.Http.HealthAsync("Of the store Sqlite")));
            Assert.All(answers, answer => Assert.Equal((503, "unhealthy"), answer));
            await AppClient.EventuallyAsync(async () => await app.Http.HealthAsync("another program holds its file") == (503, "unhealthy"), "the reason");
        }

        await AppClient.EventuallyAsync(async () => await app.Http.HealthAsync("") == (200, "healthy"), "well again");
    }

    [Fact]
    public async Task A_queue_file_that_another_program_holds_does_not_hold_health_up()
    {
        await using (var other = Hold("runtime.db"))
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.Http.HealthAsync("Messages to the bot are not answered")));
            Assert.All(answers, answer => Assert.Equal((200, "degraded"), answer));
        }

        await AppClient.EventuallyAsync(async () => await app.Http.HealthAsync("") == (200, "healthy"), "well again");
    }

    private SqliteConnection Hold(string file)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(running.Folder.Path, ".local", file)};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }
}

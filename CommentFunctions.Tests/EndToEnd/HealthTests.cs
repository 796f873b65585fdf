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
        Assert.Equal((200, "healthy"), await HealthAsync(app, ""));

        await File.WriteAllTextAsync(Full, "");
        await AppClient.EventuallyAsync(async () => (await app.Http.PostCommentAsync("ann", new string('x', 500))).StatusCode != HttpStatusCode.Created, "full");
        Assert.Equal((503, "unhealthy"), await HealthAsync(app, "its disk is full"));

        File.Delete(Full);
        await AppClient.EventuallyAsync(async () => await HealthAsync(app, "") == (200, "healthy"), "well again");
        Assert.Equal(HttpStatusCode.Created, (await app.Http.PostCommentAsync("ann", "hers too")).StatusCode);
    }

    [StoreFact]
    public async Task A_file_that_another_program_holds_is_named_while_it_is_held()
    {
        await using var app = await AppProcess.ServeAsync(folder);
        await using (var other = Hold(Comments))
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => HealthAsync(app, "Of the store Sqlite")));
            Assert.All(answers, answer => Assert.Equal((503, "unhealthy"), answer));
            await AppClient.EventuallyAsync(async () => await HealthAsync(app, "another program holds its file") == (503, "unhealthy"), "the reason");
        }

        await AppClient.EventuallyAsync(async () => await HealthAsync(app, "") == (200, "healthy"), "well again");
    }

    [StoreFact]
    public async Task A_queue_file_that_another_program_holds_does_not_hold_health_up()
    {
        await using var app = await AppProcess.ServeAsync(folder);
        await using (var other = Hold(Path.Combine(State, "runtime.db")))
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => HealthAsync(app, "Messages to the bot are not answered")));
            Assert.All(answers, answer => Assert.Equal((200, "degraded"), answer));
        }

        await AppClient.EventuallyAsync(async () => await HealthAsync(app, "") == (200, "healthy"), "well again");
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
            Assert.Equal((200, "healthy"), await HealthAsync(made, ""));
        }

        settings[1] = ("Comments__ConnectionString", "Data Source=site.db;Mode=ReadOnly");
        settings[2] = ("Comments__CreateSchema", "false");
        await using var app = await AppProcess.ServeAsync(folder, settings);
        Assert.Equal((503, "unhealthy"), await HealthAsync(app, "its file may not be written"));
    }

    [StoreFact]
    public Task Nothing_is_accepted_into_a_file_that_was_deleted() => AssertLostAsync(() =>
    {
        foreach (var file in folder.CommentFiles.ToList())
        {
            File.Delete(file);
        }
    });

    [StoreFact]
    public Task Nothing_is_accepted_into_a_file_whose_log_was_deleted() => AssertLostAsync(() => File.Delete(Comments + "-wal"));

    [StoreFact]
    public Task Nothing_is_accepted_into_a_file_whose_log_was_replaced() => AssertLostAsync(() =>
    {
        File.Copy(Comments + "-wal", Comments + "-copy");
        File.Move(Comments + "-copy", Comments + "-wal", overwrite: true);
    });

    [StoreFact]
    public Task Nothing_is_accepted_into_a_file_that_was_replaced() => AssertLostAsync(() =>
    {
        File.Copy(Comments, Comments + "-copy");
        File.Move(Comments + "-copy", Comments, overwrite: true);
    });

    // Many at once, so that pooled connections and new ones write; then everything that was accepted is there after a restart.
    private async Task AssertLostAsync(Action lose)
    {
        await using (var app = await AppProcess.ServeAsync(folder))
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => app.Http.PostCommentAsync("ann", $"before {i}")));

            lose();
            var posts = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => app.Http.PostCommentAsync("ann", $"after {i}")));

            Assert.All(posts, post => Assert.Equal(HttpStatusCode.ServiceUnavailable, post.StatusCode));
            Assert.All(posts, post => Assert.NotNull(post.Headers.RetryAfter));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.Http.GetAsync("api/users/ann/comments")).StatusCode);
            Assert.Equal((503, "unhealthy"), await HealthAsync(app, "was deleted or replaced while it was in use. Start the app again"));
            Assert.Contains("until the app is started again", app.Output, StringComparison.Ordinal);
        }

        await using var again = await AppProcess.ServeAsync(folder);
        Assert.Equal((200, "healthy"), await HealthAsync(again, ""));
        Assert.Equal(HttpStatusCode.Created, (await again.Http.PostCommentAsync("ann", "again")).StatusCode);
    }

    private static SqliteConnection Hold(string file)
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }

    /// <summary>The status in a number and in a word, once it has been seen that the reasons have this text.</summary>
    private static async Task<(int Status, string Word)> HealthAsync(AppProcess app, string reason)
    {
        using var answer = await app.Http.GetAsync("api/health");
        var report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var word = report.GetProperty("status").GetString()!;
        return word != "healthy" && !report.GetProperty("reasons").GetRawText().Contains(reason, StringComparison.Ordinal)
            ? ((int)answer.StatusCode, report.GetRawText())
            : ((int)answer.StatusCode, word);
    }
}

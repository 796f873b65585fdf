using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.EndToEnd;

public sealed class ServingTests : IDisposable
{
    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_fails_is_logged_once()
    {
        await using var app = await AppProcess.ServeAsync(folder);
        await using (var store = new SqliteConnection($"Data Source={Path.Combine(folder.Path, ".local", "comments.db")};Pooling=false"))
        {
            await store.OpenAsync();
            await using var command = store.CreateCommand();
            command.CommandText = "DROP TABLE Comments";
            await command.ExecuteNonQueryAsync();
        }

        Assert.True((int)(await app.Http.PostCommentAsync("alice", "Hello, world")).StatusCode >= 500);

        await AppClient.EventuallyAsync(() => Task.FromResult(Failures() > 0), "the failure is logged");
        Assert.True(Failures() == 1, app.Output);
        int Failures() => app.Output.Split('\n').Count(line => line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" warn: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Under_dotnet_watch_a_changed_file_of_the_page_is_served_at_the_next_reload()
    {
        var style = folder.PageSource("style.css");
        await using var app = await AppProcess.ServeAsync(folder, ("DOTNET_WATCH", "1"));

        await File.WriteAllTextAsync(style, "/* one */");
        using var one = await GetAsync(app, "style.css", null);
        await File.WriteAllTextAsync(style, "/* two */");
        using var two = await GetAsync(app, "style.css", one.Headers.ETag);
        using var same = await GetAsync(app, "style.css", two.Headers.ETag);
        using var built = await GetAsync(app, "icon.svg", null);
        using var other = await GetAsync(app, "..%2FFiles%2Fstyle.css", null);

        Assert.Equal(("/* one */", "/* two */"), (await one.Content.ReadAsStringAsync(), await two.Content.ReadAsStringAsync()));
        Assert.Equal("text/css", two.Content.Headers.ContentType?.MediaType);
        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.OK, HttpStatusCode.NotFound), (same.StatusCode, built.StatusCode, other.StatusCode));
    }

    [Fact]
    public async Task The_log_tells_of_each_call_what_came_of_it_and_names_nobody()
    {
        await using var app = await AppProcess.ServeAsync(folder, ("Logging__LogLevel__Function", "Information"));

        await app.Http.PostCommentAsync("alice", "Hello, world");
        await app.Http.GetAsync("api/users/nobody-of-this-name/comments");
        await app.Http.GetAsync("api/chat");
        await app.Http.GetAsync("api/chat/chat.js");
        await app.Http.PostCommentAsync("", "Hello, world");
        await AppClient.EventuallyAsync(() => Task.FromResult(Lines().Count == 3), () => app.Output, pause: 100);

        Assert.Contains("PostComment succeeded with 201 (POST /api/comments, id", Lines()[0], StringComparison.Ordinal);
        Assert.Contains("ListComments was refused with 404 (GET /api/users/{userName}/comments, id", Lines()[1], StringComparison.Ordinal);
        Assert.Contains("PostComment was refused with 400 (POST /api/comments, id", Lines()[2], StringComparison.Ordinal);
        Assert.DoesNotContain("alice", app.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody-of-this-name", app.Output, StringComparison.Ordinal);

        List<string> Lines() => [.. app.Output.Split('\n').Where(line => line.Contains(" info: Function.", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task A_comment_vanishes_from_the_listing_at_its_age_and_from_the_files_at_the_next_run()
    {
        const string Text = "a sentence that is nowhere else";
        await using var app = await AppProcess.ServeAsync(
            folder, ("CommentExpirySchedule", "*/2 * * * * *"), ("Comments__Retention", "00:00:10"));

        await app.Http.PostCommentAsync("alice", Text);
        await app.Http.AskBotAsync("demo", "alice");
        Assert.Equal([Text], await app.Http.CommentsAsync("alice"));
        Assert.True(folder.HasInItsComments(Text));

        await AppClient.EventuallyAsync(async () => (await app.Http.CommentsAsync("alice")).Count == 0, "the listing is empty");
        await AppClient.EventuallyAsync(() => Task.FromResult(!folder.HasInItsComments(Text)), "the files hold nothing of it");
    }

    [Fact]
    public async Task A_malformed_queue_message_is_dead_lettered_at_its_first_delivery_and_the_rest_go_on()
    {
        await using var app = await AppProcess.ServeAsync(folder);
        await app.Http.PostCommentAsync("alice", "Hello");

        await folder.UseQueuesAsync(async queues =>
        {
            await queues.SendAsync("bot-messages", [new("not JSON") { MessageId = "web:broken" }]);
            await app.Http.AskBotAsync("demo", "alice");
            await AppClient.EventuallyAsync(
                async () => await app.Http.RepliesAsync("demo") is ["Last comment for alice was Hello"], "the good message is answered");
            await AppClient.EventuallyAsync(
                async () => (await queues.CountAsync("bot-messages")).DeadLettered == 1, "the malformed message is dead-lettered");
        });
        await AppClient.EventuallyAsync(() => Task.FromResult(Warnings() > 0), "the dead letter is logged");
        Assert.True(Warnings() == 1, app.Output);
        int Warnings() => app.Output.Split('\n').Count(line => line.Contains(" warn: ", StringComparison.Ordinal) || line.Contains(" fail: ", StringComparison.Ordinal));
    }

    private static async Task<HttpResponseMessage> GetAsync(AppProcess app, string file, EntityTagHeaderValue? known)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/chat/" + file);
        request.Headers.IfNoneMatch.TryParseAdd(known?.ToString());
        return await app.Http.SendAsync(request);
    }
}

/// <summary>What an app of no settings does, and what it tells of it.</summary>
[Collection(RunningAppGroup.Name)]
public sealed class SharedServingTests(RunningApp running)
{
    private readonly AppProcess app = running.App;

    [Fact]
    public async Task Without_dotnet_watch_the_page_is_what_was_built()
    {
        Assert.True(File.Exists(running.Folder.PageSource(RunningApp.ChangedFile)));

        Assert.Equal(
            await File.ReadAllTextAsync(Repository.File("CommentFunctions/Pages/Files/" + RunningApp.ChangedFile)),
            await app.Http.GetStringAsync("api/chat/" + RunningApp.ChangedFile));
    }

    [Fact]
    public async Task A_comment_is_posted_quoted_by_the_bot_deleted_and_gone()
    {
        // What other tests left.
        (await app.Http.PostAsync("api/expiry-runs?olderThan=00:00:00", null)).EnsureSuccessStatusCode();

        Assert.Equal(HttpStatusCode.Created, (await app.Http.PostCommentAsync("ada", "Hello, world")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await app.Http.AskBotAsync("first", "ada")).StatusCode);
        await AppClient.EventuallyAsync(
            async () => await app.Http.RepliesAsync("first") is ["Last comment for ada was Hello, world"], "the bot quotes the comment");
        var run = await app.Http.PostAsync("api/expiry-runs?olderThan=00:00:00", null);
        Assert.Equal(HttpStatusCode.OK, run.StatusCode);
        Assert.Equal(1, (await run.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("deleted").GetInt64());

        Assert.Empty(await app.Http.CommentsAsync("ada"));
        await app.Http.AskBotAsync("later", "ada");
        await AppClient.EventuallyAsync(
            async () => await app.Http.RepliesAsync("later") is ["No comments found for user ada"], "the bot finds nothing");
    }

    [Fact]
    public async Task An_erased_user_is_gone_from_the_answers_and_from_the_files()
    {
        const string Text = "another sentence that is nowhere else";
        await app.Http.PostCommentAsync("erasmus", Text);
        await app.Http.PostCommentAsync("robert", "his");
        await app.Http.AskBotAsync("erased", "erasmus");
        await AppClient.EventuallyAsync(async () => await app.Http.RepliesAsync("erased") is [$"Last comment for erasmus was {Text}"], "the bot quotes the comment");

        var run = await app.Http.DeleteFromJsonAsync<JsonElement>("api/users/erasmus");

        Assert.Equal("address 127.0.0.1", run.GetProperty("triggeredBy").GetString());
        Assert.Equal(("erasure", "succeeded", 1), (run.GetProperty("work").GetString(), run.GetProperty("outcome").GetString(), run.GetProperty("deleted").GetInt32()));
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("api/users/erasmus/comments")).StatusCode);
        Assert.Empty(await app.Http.RepliesAsync("erased"));
        Assert.False(running.Folder.HasInItsComments(Text));
        Assert.False(running.Folder.HasInItsComments("erasmus"));
        Assert.DoesNotContain(Text, app.Output, StringComparison.Ordinal);

        var (exitCode, output) = await AppProcess.RunAsync(running.Folder, ["run", "EraseUser", "--userName", "robert"]);
        Assert.True(exitCode == 0, output);
        Assert.Contains("\"work\":\"erasure\"", output, StringComparison.Ordinal);
        Assert.Contains($"\"triggeredBy\":\"console {Environment.UserName}@{Environment.MachineName}\"", output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.DeleteAsync("api/users/robert")).StatusCode);
    }

    [Fact]
    public async Task Health_tells_of_the_store_the_queues_and_the_last_run()
    {
        await app.Http.PostAsync("api/expiry-runs", null);

        var health = await app.Http.GetFromJsonAsync<JsonElement>("api/health");

        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.True(health.GetProperty("store").GetProperty("reachable").GetBoolean());
        Assert.Equal(0, health.GetProperty("queues").GetProperty("bot-messages").GetProperty("active").GetInt64());
        Assert.Equal("succeeded", health.GetProperty("lastExpiryRun").GetProperty("outcome").GetString());
        // Who it was is for who has the key to the list of runs.
        Assert.Equal("operator", health.GetProperty("lastExpiryRun").GetProperty("triggeredBy").GetString());
        Assert.False(health.GetProperty("expiryOverdue").GetBoolean());
    }
}

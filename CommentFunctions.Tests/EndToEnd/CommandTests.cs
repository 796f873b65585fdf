using System.Net.Http.Json;
using System.Text.Json;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.EndToEnd;

public sealed class CommandTests : IDisposable
{
    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task List_names_the_functions()
    {
        var (exitCode, output) = await AppProcess.RunAsync(folder, ["list"]);

        Assert.Equal(0, exitCode);
        Assert.Contains("DeleteExpiredComments ", output, StringComparison.Ordinal);
        Assert.Contains("bot-messages", output, StringComparison.Ordinal);
        Assert.Contains("POST /api/expiry-runs", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_for_a_function_lists_its_values_also_where_the_database_is_away()
    {
        (string, string)[] away = [("Comments__Store", "Postgres"), ("Comments__ConnectionString", "Host=127.0.0.1;Port=1;Username=none;Database=none")];
        var (exitCode, help) = await AppProcess.RunAsync(folder, ["run", "EraseUser", "--help"], away);
        var (ofQueue, message) = await AppProcess.RunAsync(folder, ["run", "AnswerBotMessage", "-h"], away);
        var (refused, why) = await AppProcess.RunAsync(folder, ["run", "DeleteExpiredCommentsOnDemand", "--olderThen", "7d"], away);

        Assert.Equal((0, 0, 1), (exitCode, ofQueue, refused));
        Assert.Contains("--userName  a user's name  required", help, StringComparison.Ordinal);
        Assert.Contains("--dryRun    true/false ", help, StringComparison.Ordinal);
        Assert.EndsWith("Example: run EraseUser --userName alice --dryRun true", help, StringComparison.Ordinal);
        Assert.Contains("Example: run AnswerBotMessage --body '{\"channel\":", message, StringComparison.Ordinal);
        Assert.Contains("The nearest one is --olderThan;", why, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, ".local")));
    }

    [Fact]
    public async Task The_message_that_help_shows_is_one_that_the_function_takes()
    {
        var document = OpenApiDocument.OfSource.Root.GetProperty("x-functions");
        foreach (var function in new[] { "AnswerBotMessage", "DeliverBotReply", "RunExpiry" })
        {
            var body = document.GetProperty(function).GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("example");
            var (exitCode, output) = await AppProcess.RunAsync(folder, ["run", function, "--body", body.GetRawText()]);
            Assert.True(exitCode == 0, output);
        }

        await folder.UseQueuesAsync(async queues => Assert.Equal(new(1, 0, 0), await queues.CountAsync("bot-replies")));
    }

    [Fact]
    public async Task Any_function_runs_by_name_and_prints_its_result()
    {
        Assert.Equal(0, (await AppProcess.RunAsync(folder, ["run", "PostComment", "--userName", "alice", "--text", "by hand"])).ExitCode);
        var (listed, comments) = await AppProcess.RunAsync(folder, ["run", "ListComments", "--userName=alice"]);
        var (deleted, result) = await AppProcess.RunAsync(folder, ["run", "DeleteExpiredCommentsOnDemand", "--olderThan", "00:00:00"]);
        var (timer, said) = await AppProcess.RunAsync(folder, ["run", "DeleteExpiredComments"]);

        Assert.Equal((0, 0, 0), (listed, deleted, timer));
        Assert.Contains("by hand", comments, StringComparison.Ordinal);
        Assert.Contains("\"deleted\":1", result, StringComparison.Ordinal);
        Assert.Contains("DeleteExpiredComments succeeded.", said, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"succeeded\"", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_exits_with_1_and_says_why()
    {
        var (refused, problem) = await AppProcess.RunAsync(folder, ["run", "DeleteExpiredCommentsOnDemand", "--olderThan", "-01:00:00"]);
        var (malformed, reason) = await AppProcess.RunAsync(folder, ["run", "AnswerBotMessage", "--body", "not JSON"]);
        var (unknown, names) = await AppProcess.RunAsync(folder, ["run", "DeleteExpiredComment"]);

        Assert.Equal((1, 1, 1), (refused, malformed, unknown));
        Assert.Contains("olderThan", problem, StringComparison.Ordinal);
        Assert.Contains("MalformedMessage", reason, StringComparison.Ordinal);
        Assert.Contains("There is no function 'DeleteExpiredComment'. The nearest one is DeleteExpiredComments", names, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Comments__Store", "MongoDb", "Comments:Store")]
    [InlineData("Comments__Store", "Cosmos", "Comments:Store")]
    [InlineData("Comments__Retention", "24:00:00", "Comments:Retention")]
    [InlineData("CommentExpirySchedule", "every day", "CommentExpirySchedule")]
    public async Task A_senseless_setting_ends_the_start_with_a_line_that_names_it(string setting, string value, string named)
    {
        var (exitCode, output) = await AppProcess.RunAsync(folder, [], (setting, value));

        Assert.Equal(1, exitCode);
        Assert.Contains(named, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_that_is_switched_off_is_a_warning_at_the_start_and_in_health()
    {
        await using var app = await AppProcess.ServeAsync(folder, ("AzureWebJobs__DeliverBotReply__Disabled", "true"));

        await AppClient.EventuallyAsync(() => Task.FromResult(app.Output.Contains("warn: ", StringComparison.Ordinal)), "a warning is logged");
        Assert.Single(app.Output.Split('\n'), line => line.Contains("DeliverBotReply is disabled (AzureWebJobs.DeliverBotReply.Disabled)", StringComparison.Ordinal));
        var health = await app.Http.GetFromJsonAsync<JsonElement>("api/health");
        Assert.Equal(("degraded", "DeliverBotReply"), (health.GetProperty("status").GetString(), health.GetProperty("disabled")[0].GetString()));
    }
}

/// <summary>What an app that serves shows on its console, and what a command does beside it.</summary>
[Collection(RunningAppGroup.Name)]
public sealed class CommandBesideServerTests(RunningApp running)
{
    private readonly AppProcess app = running.App;

    [Fact]
    public async Task A_command_works_beside_the_server_and_its_messages_are_answered_there()
    {
        var (exitCode, output) = await AppProcess.RunAsync(running.Folder, ["run", "PostBotMessage", "--conversation", "beside", "--text", "nobody"]);

        Assert.True(exitCode == 0, output);
        await AppClient.EventuallyAsync(
            async () => await app.Http.RepliesAsync("beside") is ["No comments found for user nobody"], "the server answers the message");
    }

    [Fact]
    public async Task The_first_page_names_every_function_and_the_next_run()
    {
        Assert.Matches(@"(?m)^DeleteExpiredComments +timer +0 0 3 \* \* \* +\d{4}-\d\d-\d\d 03:00:00Z$", app.Output);
        var functions = await app.Http.GetFromJsonAsync<JsonElement>("admin/functions");
        Assert.Contains(functions.EnumerateArray(), function => function.GetProperty("name").GetString() == "DeliverBotReply");
    }
}

using CommentFunctions.Queues;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.EndToEnd.Page.Support;

/// <summary>An app with comments of several ages, and a few runs. Who only looks at it and asks the bot disturbs nobody else who does.</summary>
public sealed class PreparedApp : IAsyncLifetime
{
    private AppFolder Folder { get; } = new();

    private AppProcess? App { get; set; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await (App?.DisposeAsync() ?? ValueTask.CompletedTask);
        Folder.Dispose();
    }

    /// <summary>The app, started by the first test that is not skipped.</summary>
    internal async Task<AppProcess> StartedAsync()
    {
        if (App is null)
        {
            App = await AppProcess.ServeAsync(Folder);
            await PrepareAsync(App, Folder);
        }

        return App;
    }

    private static async Task PrepareAsync(AppProcess app, AppFolder folder)
    {
        foreach (var count in new[] { 12, 3, 0, 30, 7, 18, 22 })
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(i => app.Http.PostCommentAsync("bob", $"{i}")));
            await app.Http.PostAsync("api/expiry-runs?olderThan=00:00:00", null);
        }

        await app.Http.PostAsync("api/expiry-runs?dryRun=true", null);
        await app.Http.PostCommentAsync("alice", "Written yesterday, about this time. It has a few seconds left, or minutes, and then nobody reads it again.");
        await app.Http.PostCommentAsync("alice", "<b>Not bold</b> & not <i>italic</i>: text is text.");
        await app.Http.PostCommentAsync("alice", "A line\nand another, then aVeryLongWord" + new string('x', 90));
        await app.Http.PostCommentAsync("bob", "Does anybody read this tomorrow?");
        await app.Http.PostCommentAsync("carol@example.org", "No. That is the point.");
        await app.Http.PostCommentAsync("dalia", "مرحبا بالجميع");
        await app.Http.PostCommentAsync("bob", "Then I can say what I like");
        await app.Http.PostCommentAsync("alice", "The newest of them");
        await folder.UseQueuesAsync(async queues =>
        {
            await queues.SendAsync(QueueNames.Messages, [new("not JSON")]);
            await AppClient.EventuallyAsync(async () => (await queues.CountAsync(QueueNames.Messages)).DeadLettered == 1, "a message is given up on");
        });
        await GrowOldAsync(Path.Combine(folder.Path, ".local", "comments.db"));
    }

    // Runs as of a schedule, a night each, and comments of several hours.
    private static async Task GrowOldAsync(string file)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            UPDATE Comments SET CreatedAt = CreatedAt - CASE
                WHEN Text LIKE 'Written%' THEN 86100000 WHEN Text LIKE '<b>%' THEN 70000000 WHEN Text LIKE 'A line%' THEN 30000000
                WHEN Text LIKE 'The newest%' THEN 0 ELSE 9000000 END;
            UPDATE ExpiryRuns SET TriggeredBy = 'timer', OlderThan = NULL,
                StartedAt = StartedAt - 86400000 * (SELECT COUNT(*) FROM ExpiryRuns later WHERE later.DryRun = 0 AND later.StartedAt > ExpiryRuns.StartedAt)
                WHERE DryRun = 0;
            """;
        await command.ExecuteNonQueryAsync();
    }
}

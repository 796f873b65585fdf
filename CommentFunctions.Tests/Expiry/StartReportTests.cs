using CommentFunctions.Expiry;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.Expiry;

/// <summary>What the log says after a start of what there is to delete.</summary>
public sealed class StartReportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("comments-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_start_says_how_many_comments_there_are_and_when_the_next_deletion_is_due()
    {
        await using var first = await TestApp.StartAsync();
        await first.PostAsync("ann", "one");
        await first.PostAsync("ann", "two");

        Assert.Contains("2 comments, 0 of them expired. The next deletion is due at ", await FirstLineAsync(new() { ["Comments:ConnectionString"] = $"Data Source={first.DatabaseFile}" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_a_setting_has_stopped_the_deletion_no_time_is_promised()
    {
        var line = await FirstLineAsync(new() { ["AzureWebJobs.DeleteExpiredComments.Disabled"] = "true" });

        Assert.Equal("0 comments, 0 of them expired. The schedule deletes none while a setting has switched DeleteExpiredComments off.", line);
    }

    [Fact]
    public async Task Before_the_first_deletion_on_a_site_it_says_what_goes_for_good_and_later_no_more()
    {
        var file = $"Data Source={Path.Combine(folder, "site.db")}";
        await using (SqliteConnection site = new(file + ";Pooling=False"))
        {
            await site.OpenAsync();
            await using var command = site.CreateCommand();
            command.CommandText = """
                CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150));
                CREATE TABLE comments_comment (id integer PRIMARY KEY, user_id integer, text text, timestamp datetime);
                INSERT INTO auth_user VALUES (1, 'ann');
                INSERT INTO comments_comment (user_id, text, timestamp) VALUES (1, 'old', '2001-01-01 00:00:00'), (1, 'old too', '2001-01-02 00:00:00')
                """;
            await command.ExecuteNonQueryAsync();
        }

        Dictionary<string, string?> settings = new()
        {
            ["Comments:Schema"] = "Django",
            ["Comments:Django:TimeZone"] = "UTC",
            ["Comments:ConnectionString"] = file,
            ["Comments:CreateSchema"] = "true",
        };
        var line = await FirstLineAsync(settings);
        Assert.StartsWith("2 comments of the site are older than Comments:Retention (1.00:00:00). The first deletion, due at ", line, StringComparison.Ordinal);
        Assert.Contains("--dryRun true", line, StringComparison.Ordinal);

        await using (var app = await TestApp.StartAsync(settings))
        {
            Assert.Equal(2, (await app.ExpireAsync()).Deleted);
        }

        Assert.StartsWith("0 comments, 0 of them expired.", await FirstLineAsync(settings), StringComparison.Ordinal);
    }

    private static async Task<string> FirstLineAsync(Dictionary<string, string?> settings)
    {
        var log = new LogLines(typeof(StartReport).FullName);
        await using var app = await TestApp.StartAsync(settings, log: log, configure: builder => builder.Services.AddSingleton<StartDetails>());
        await AppClient.EventuallyAsync(() => Task.FromResult(log.Lines.Count > 0), "the start is reported");
        return log.Lines[0];
    }
}

using System.Text;
using CommentFunctions.Data;
using CommentFunctions.Tests.Expiry;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Data;

public class SqliteStoreTests
{
    private const string Secret = "a text that nobody else would write";

    [Fact]
    public async Task Deleting_a_user_deletes_their_comments()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "hers");
        await app.PostAsync("bob", "his");

        await app.WithAsync<CommentDbContext>(async db =>
        {
            db.Users.Remove(await db.Users.SingleAsync(u => u.UserName == "ann"));
            await db.SaveChangesAsync();
        });

        Assert.Equal(["his"], await app.WithAsync<CommentDbContext, List<string>>(db => db.Comments.Select(c => c.Text).ToListAsync()));
    }

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "1")]
    [InlineData("foreign_keys", "1")]
    [InlineData("secure_delete", "1")]
    [InlineData("busy_timeout", "5000")]
    [InlineData("auto_vacuum", "2")]
    public async Task Connections_have_their_settings(string pragma, string value)
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal(value, await app.WithAsync<CommentDbContext, string?>(db => PragmaAsync(db, pragma)));
        await app.ExpireAsync();
        Assert.Equal(value, await app.WithAsync<CommentDbContext, string?>(db => PragmaAsync(db, pragma)));
    }

    [Fact]
    public async Task Only_a_deleting_connection_has_a_large_cache()
    {
        await using var app = await TestApp.StartAsync();

        await app.ExpireAsync();

        Assert.Equal("-2000", await app.WithAsync<CommentDbContext, string?>(db => PragmaAsync(db, "cache_size")));
    }

    [Fact]
    public async Task Vanished_text_is_in_none_of_the_files()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", Secret);
        Assert.True(FilesContain(app, Secret));

        app.Clock.Advance(TimeSpan.FromDays(2));
        await app.ExpireAsync();

        Assert.False(FilesContain(app, Secret));
    }

    [Fact]
    public async Task A_run_gives_freed_pages_back()
    {
        await using var app = await TestApp.StartAsync();
        await ExpiryJobTests.AddManyAsync(app, 20_000);
        app.Clock.Advance(TimeSpan.FromDays(2));

        await app.ExpireAsync();

        Assert.Equal("0", await app.WithAsync<CommentDbContext, string?>(db => PragmaAsync(db, "freelist_count")));
        Assert.InRange(new FileInfo(app.DatabaseFile).Length, 1, 200_000);
    }

    [Fact]
    public async Task Apps_that_start_at_once_on_one_file_all_start()
    {
        var folder = Directory.CreateTempSubdirectory("comments-").FullName;

        var apps = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => TestApp.StartAsync(folder: folder))));

        await Task.WhenAll(apps.Select((app, i) => app.PostAsync("ann", $"{i}")));
        Assert.Equal(4, await apps[0].WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync()));
        foreach (var app in apps)
        {
            await app.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_app_that_starts_again_finds_its_comments()
    {
        await using var first = await TestApp.StartAsync();
        await first.PostAsync("ann", "kept");

        await using var second = await TestApp.StartAsync(folder: first.Folder);

        Assert.Equal(1, await second.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync()));
    }

    [Fact]
    public async Task An_app_that_starts_on_the_files_of_a_killed_one_finds_its_comments()
    {
        await using var killed = await TestApp.StartAsync();
        await killed.PostAsync("ann", "kept");
        var folder = Directory.CreateTempSubdirectory("comments-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, ".local"));
        foreach (var end in new[] { "", "-wal" })
        {
            File.Copy(killed.DatabaseFile + end, Path.Combine(folder, ".local", "comments.db" + end));
        }

        await using var started = await TestApp.StartAsync(folder: folder);

        Assert.Equal(1, await started.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync()));
    }

    [Fact]
    public async Task The_latest_comment_is_found_in_the_index()
    {
        await using var app = await TestApp.StartAsync();
        var cutoff = app.Retention.Cutoff;

        var plan = await app.WithAsync<CommentDbContext, string>(async db =>
        {
            var query = db.Comments.Where(c => c.UserName == "ann" && c.CreatedAt > cutoff)
                .OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id).Take(1).ToQueryString();
            var sql = query[query.IndexOf("SELECT", StringComparison.Ordinal)..].Replace("@cutoff", "0", StringComparison.Ordinal)
                .Replace("@p", "1", StringComparison.Ordinal);
            return string.Join('\n', await RowsAsync(db, "EXPLAIN QUERY PLAN " + sql, column: 3));
        });

        Assert.Contains("USING INDEX IX_Comments_UserName_CreatedAt_Id (UserName=? AND CreatedAt>?)", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }

    private static bool FilesContain(TestApp app, string text) => Directory.EnumerateFiles(Path.GetDirectoryName(app.DatabaseFile)!)
        .Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
        });

    private static async Task<string?> PragmaAsync(CommentDbContext db, string pragma) => (await RowsAsync(db, "PRAGMA " + pragma, column: 0))[0];

    private static async Task<List<string?>> RowsAsync(CommentDbContext db, string sql, int column)
    {
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        List<string?> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetValue(column).ToString());
        }

        return rows;
    }
}

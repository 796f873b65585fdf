using CommentFunctions.Data;
using CommentFunctions.Data.Django;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.Data.Django;

/// <summary>Rows in a site's SQLite file whose times other programs than the site wrote, in other forms than Django's.</summary>
public sealed class OtherFormsOfTimesTests : IDisposable
{
    // A moment, as it may be written on a site in Berlin, whose clocks are two hours ahead then.
    private static readonly DateTimeOffset Written = new(2026, 7, 15, 10, 30, 0, TimeSpan.Zero);
    private static readonly string[] Forms =
    [
        "2026-07-15 12:30:00", "2026-07-15 12:30:00.000000", "2026-07-15T12:30:00", "2026-07-15t12:30:00.000", "2026-07-15 12:30", "2026-07-15T12:30",
        "2026-07-15 10:30:00+00:00", "2026-07-15T10:30:00Z", "2026-07-15T10:30:00.000000000Z", "2026-07-15T10:30+00", "2026-07-15 10:30:00 +0000",
        "2026-07-15 20:30:00.000000+10:00", "2026-07-14T22:30:00-12:00", "2026-07-15 00:30:00-10",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("comments-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task They_neither_vanish_early_nor_stay()
    {
        await using var app = await StartAsync("Europe/Berlin", Forms);

        app.Clock.Now = Written.AddDays(1).AddMilliseconds(-1);
        Assert.Equal(0, (await app.ExpireAsync()).Deleted);
        Assert.Equal(Forms.Reverse(), await app.ListAsync("ann", pageSize: 50));
        Assert.Equal($"Last comment for ann was {Forms[^1]}", await app.AskAsync("ann", id: "web:1"));

        app.Clock.Now = Written.AddDays(1);
        Assert.Equal("No comments found for user ann", await app.AskAsync("ann", id: "web:2"));
        Assert.Empty(await app.ListAsync("ann", pageSize: 50));
        Assert.Equal(Forms.Length, (await app.ExpireAsync(dryRun: true)).Deleted);
        Assert.Equal(Forms.Length, (await app.ExpireAsync()).Deleted);
    }

    [Fact]
    public async Task They_are_sorted_by_their_moments_also_over_pages()
    {
        string[] sorted = ["2026-07-15T10:00+02:00", "2026-07-15 08:15:00", "2026-07-15T08:30Z", "2026-07-15 08:30:00.000001", "2026-07-15 07:31-01:00"];
        await using var app = await StartAsync("UTC", [sorted[3], sorted[0], sorted[4], sorted[2], sorted[1]]);
        app.Clock.Now = Written;

        Assert.Equal(sorted.Reverse(), await app.ListAsync("ann", pageSize: 2));
        Assert.Equal($"Last comment for ann was {sorted[^1]}", await app.AskAsync("ann", id: "web:1"));
    }

    [Fact]
    public async Task What_is_no_time_is_neither_shown_nor_deleted_and_hinders_nothing()
    {
        await using var app = await StartAsync("UTC", ["yesterday", "", "0000-00-00 00:00:00", "2026-13-01 00:00:00", "2026-07-15 08:30:61", "2026-07-15 08:30:00"]);
        app.Clock.Now = Written;
        Assert.Equal(["2026-07-15 08:30:00"], await app.ListAsync("ann", pageSize: 50));
        Assert.Equal(["ann: 2026-07-15 08:30:00"], await app.ListRecentAsync());

        app.Clock.Now = Written.AddDays(2);
        Assert.Equal(1, (await app.ExpireAsync()).Deleted);
    }

    [Theory]
    [InlineData("2026-07-15", "2026-07-14T22:00:00Z")]
    [InlineData("2026-10-25T02:30", "2026-10-25T01:30:00Z")]
    [InlineData("2026-07-15T12:30:00.12345678", "2026-07-15T10:30:00.1234567Z")]
    [InlineData("2026-07-15T12:30:00,5", "2026-07-15T10:30:00.5Z")]
    [InlineData("2026-07-15T12:30:00.5+05:30", "2026-07-15T07:00:00.5Z")]
    public void A_text_means_a_moment(string stored, string utc)
    {
        Assert.True(DjangoText.TryRead(stored, new(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")), out var moment));
        Assert.Equal(DateTimeOffset.Parse(utc, null), moment);
    }

    private async Task<TestApp> StartAsync(string zone, string[] times)
    {
        var file = $"Data Source={Path.Combine(folder, "db.sqlite3")}";
        await using (var site = new SqliteConnection(file + ";Pooling=False"))
        {
            await site.OpenAsync();
            await using var command = site.CreateCommand();
            command.CommandText = """
                CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150));
                CREATE TABLE comments_comment (id integer PRIMARY KEY, user_id integer, text text, timestamp datetime);
                INSERT INTO auth_user VALUES (1, 'ann');
                INSERT INTO comments_comment (user_id, text, timestamp) SELECT 1, value, value FROM json_each($times) ORDER BY key
                """;
            command.Parameters.AddWithValue("$times", System.Text.Json.JsonSerializer.Serialize(times));
            await command.ExecuteNonQueryAsync();
        }

        return await TestApp.StartAsync(new()
        {
            ["Comments:Schema"] = "Django",
            ["Comments:ConnectionString"] = file,
            ["Comments:Django:TimeZone"] = zone,
            ["Comments:CreateSchema"] = "true",
        });
    }
}

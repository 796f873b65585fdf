using System.Text.Json;
using CommentFunctions.Tests.Data.Support;

namespace CommentFunctions.Tests.Data.Django.Support;

/// <summary>A Django site on a database of its own. Its commands are those of its folder, comments/management/commands.</summary>
public sealed class DjangoSite : IAsyncDisposable
{
    /// <summary>The app of the tutorial.</summary>
    public const string Tutorials = "comments";

    /// <summary>An app with users of its own, UUID keys, other names, and rows that refer to what expires.</summary>
    public const string Reviews = "reviews";

    private readonly string app;
    private readonly bool usesTz;
    private readonly string? file;
    private readonly PostgresDatabase? database;
    private readonly DjangoCommands commands;

    private DjangoSite(string app, bool usesTz, string? file, PostgresDatabase? database, DjangoCommands commands) =>
        (this.app, this.usesTz, this.file, this.database, this.commands) = (app, usesTz, file, database, commands);

    /// <summary>The zone of a site with USE_TZ = False: one that sets its clocks twice a year.</summary>
    public const string Zone = "Europe/Berlin";

    /// <summary>The settings that attach the app.</summary>
    public Dictionary<string, string?> AppSettings => new(app == Tutorials ? [] : ReviewSettings)
    {
        ["Comments:Store"] = file is null ? "Postgres" : "Sqlite",
        ["Comments:ConnectionString"] = ConnectionString,
        ["Comments:Schema"] = "Django",
        ["Comments:Django:TimeZone"] = file is null ? "" : usesTz ? "UTC" : Zone,
        ["Comments:CreateSchema"] = "true",
    };

    private static Dictionary<string, string?> ReviewSettings => new()
    {
        ["Comments:Django:Table"] = "reviews_review",
        ["Comments:Django:User"] = "author_id",
        ["Comments:Django:Time"] = "created_at",
        ["Comments:Django:Text"] = "body",
        ["Comments:Django:UserTable"] = "reviews_user",
        ["Comments:Django:UserName"] = "email",
        ["Comments:Django:Where"] = "is_removed=false",
        ["Comments:Django:Dependents"] = "reviews_flag.review_id, reviews_flagnote.flag_id, reviews_bookmark.review_id=null",
    };

    public string ConnectionString => file is null ? database!.ConnectionString : $"Data Source={file}";

    private object Database => file is null
        ? new { ENGINE = "django.db.backends.postgresql", NAME = database!.Name, HOST = database.Host, PORT = database.Port, USER = database.User, PASSWORD = database.Password ?? "" }
        : new { ENGINE = "django.db.backends.sqlite3", NAME = file };

    /// <summary>Makes a site and its tables, by commands that are started for such a site.</summary>
    internal static async Task<DjangoSite> CreateAsync(bool onPostgres, bool usesTz, string app, DjangoCommands commands)
    {
        var site = onPostgres
            ? new DjangoSite(app, usesTz, null, await PostgresDatabase.CreateAsync(), commands)
            : new DjangoSite(app, usesTz, Path.Combine(Directory.CreateTempSubdirectory("site-").FullName, "db.sqlite3"), null, commands);
        await site.RunAsync(null, "migrate", "--verbosity", "0");
        return site;
    }

    /// <summary>The same site on a copy of its database.</summary>
    public async Task<DjangoSite> CopyAsync()
    {
        if (file is null)
        {
            return new(app, usesTz, null, await database!.CopyAsync(), commands);
        }

        var copy = Path.Combine(Directory.CreateTempSubdirectory("site-").FullName, "db.sqlite3");
        File.Copy(file, copy);
        return new(app, usesTz, copy, null, commands);
    }

    /// <summary>Writes comments through Django's ORM; a user without a text gets no comment.</summary>
    public Task WriteAsync(params (string User, string? Text, DateTimeOffset At)[] comments) => WriteAsync(comments, removed: false);

    /// <summary>Writes reviews that a moderator has removed since.</summary>
    public Task WriteRemovedAsync(params (string User, string? Text, DateTimeOffset At)[] comments) => WriteAsync(comments, removed: true);

    public Task FillAsync(int count, DateTimeOffset old, DateTimeOffset young) => RunAsync(null, "fill", $"{count}", Iso(old), Iso(young));

    public async Task<int> DeleteOldAsync(DateTimeOffset now, params string[] options) =>
        int.Parse(await RunAsync(null, ["delete_old_comments", Iso(now), .. options]), System.Globalization.CultureInfo.InvariantCulture);

    public async Task<List<string>> RepliesAsync(params string[] users) =>
        JsonSerializer.Deserialize<List<string>>(await RunAsync(null, ["last_comment", .. users]))!;

    /// <summary>All comments, newest first.</summary>
    public async Task<List<string>> DumpAsync() => JsonSerializer.Deserialize<List<string>>(await RunAsync(null, "dump_comments"))!;

    /// <summary>All comments, newest first, without what refers to them.</summary>
    public async Task<List<string>> CommentsAsync() => [.. (await DumpAsync()).Where(row => !row.StartsWith("Flag", StringComparison.Ordinal) && !row.StartsWith("Bookmark", StringComparison.Ordinal))];

    /// <summary>What the site's database is made of: its tables, with what belongs to them, and the settings that the file keeps.</summary>
    public async Task<List<string>> StructureAsync()
    {
        if (file is null)
        {
            return await database!.RunAsync("""
                SELECT 'column', table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns WHERE table_schema = 'public'
                UNION ALL SELECT 'index', tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint
                    WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2, 3
                """);
        }

        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection(ConnectionString + ";Pooling=False");
        await connection.OpenAsync();
        List<string> rows = [];
        foreach (var sql in new[] { "SELECT tbl_name || ' ' || name || ' ' || ifnull(sql, '') FROM sqlite_master ORDER BY 1", "PRAGMA journal_mode", "PRAGMA auto_vacuum" })
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Three constants.
            command.CommandText = sql;
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                rows.Add(reader.GetValue(0).ToString()!);
            }
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        if (database is not null)
        {
            await database.DisposeAsync();
        }
        else
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private Task<string> WriteAsync((string User, string? Text, DateTimeOffset At)[] comments, bool removed) => RunAsync(
        JsonSerializer.Serialize(comments.Select(c => new { user = c.User, text = c.Text, at = Iso(c.At), removed })), "write_comments");

    private static string Iso(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture);

    private Task<string> RunAsync(string? input, params string[] arguments) => commands.RunAsync(Database, input, arguments);
}

/// <summary>A site on which nothing was done yet but to make its tables, of which each test of a class takes a copy: to make them takes longer than most tests.</summary>
public sealed class MigratedSite : IAsyncLifetime
{
    private DjangoSite? site;
    private DjangoCommands? commands;

    /// <summary>A site of the test's own. All tests of a class ask for the same kind, one after the other.</summary>
    public async Task<DjangoSite> CopyAsync(bool onPostgres, bool usesTz, string app) =>
        await (site ??= await DjangoSite.CreateAsync(onPostgres, usesTz, app, commands ??= new(app, usesTz))).CopyAsync();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await (commands?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (site?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}

using CommentFunctions.Data;
using CommentFunctions.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Data;

/// <summary>SQLite, which is always there; away means that somebody else holds the file.</summary>
public sealed class SqliteContractTests : StoreContract, IDisposable
{
    private readonly string file = Path.Combine(Directory.CreateTempSubdirectory("comments-").FullName, "comments.db");
    private SqliteConnection? holder;

    protected override int Many => 20_000;

    protected override Dictionary<string, string?> Settings => new()
    {
        ["Comments:ConnectionString"] = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 1 }.ToString(),
    };

    public override Task InitializeAsync() => Task.CompletedTask;

    public override Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        holder?.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    protected override Task AddAsync(TestApp app, int count) => app.WithAsync<CommentDbContext>(db => db.Database.ExecuteSqlAsync($"""
        INSERT INTO "Users" ("UserName") SELECT 'user' || value FROM json_each('[0,1,2,3,4,5,6,7,8,9]');
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})
        INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
            SELECT printf('00000000-0000-7000-8000-%012X', i), 'user' || (i % 10), {app.Clock.Now.ToUnixTimeMilliseconds()} + i % 1000, 'text ' || i FROM n
        """));

    protected override void TakeAway()
    {
        holder = new(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        holder.Open();
        Execute("BEGIN IMMEDIATE");
    }

    protected override void GiveBack() => Execute("ROLLBACK");

    protected override void Disturb()
    {
        TakeAway();
        _ = Task.Delay(TimeSpan.FromSeconds(2)).ContinueWith(_ => GiveBack(), TaskScheduler.Default);
    }

    private void Execute(string sql)
    {
        using var command = holder!.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

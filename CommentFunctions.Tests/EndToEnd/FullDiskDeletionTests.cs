using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>A deletion on a disk that its own log fills.</summary>
[Requires(Reachable.Mounts)]
public sealed class FullDiskDeletionTests : IDisposable
{
    private readonly AppFolder folder = new();

    private string Prepared => Path.Combine(folder.Path, "prepared.db");

    private string Disk => Path.Combine(folder.Path, "disk");

    public void Dispose() => folder.Dispose();

    [StoreFact]
    public async Task It_begins_with_what_there_is_room_for_and_makes_more()
    {
        var (exitCode, output) = await RunAsync(free: "256k");

        Assert.True(exitCode == 0, output);
        Assert.Contains("\"deleted\":50000,", output, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"succeeded\"", output, StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task Where_there_is_room_for_nothing_the_run_says_what_to_free()
    {
        // Enough to open the file and to record the run.
        var (_, output) = await RunAsync(free: "60k", before: $"( dotnet '{AppProcess.Assembly}' run DeleteExpiredCommentsOnDemand || true )");

        Assert.Contains("\"outcome\":\"failed\",\"error\":\"SqliteException: SQLite Error 13", output, StringComparison.Ordinal);
        Assert.Contains($"Free some space on the disk of the file {Disk}", output, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string free, string before = "")
    {
        await using (var app = await TestApp.StartAsync(new() { ["Comments:ConnectionString"] = $"Data Source={Prepared}" }))
        {
            await app.WithAsync<CommentDbContext>(db => db.Database.ExecuteSqlAsync($"""
                INSERT INTO "Users" ("UserName") VALUES ('ann');
                WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 50000)
                INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
                    SELECT printf('00000000-0000-7000-8000-%012X', i * 7919 % 50000), 'ann', i, 'a text that fills the page ' || i FROM n
                """));
            await app.WithAsync<CommentDbContext>(db => db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)"));
        }

        var shell = $"mkdir '{Disk}' && mount -t tmpfs -o size=32m none '{Disk}' && cp '{Prepared}' '{Disk}/comments.db' && "
            + $"{{ cat /dev/zero >'{Disk}/full' 2>/dev/null || true; }} && truncate -s -{free} '{Disk}/full'" + (before.Length == 0 ? "" : $" && {before}");
        await using var run = AppProcess.Start(
            folder, ["run", before.Length == 0 ? "DeleteExpiredCommentsOnDemand" : "ListExpiryRuns"], [("Comments__ConnectionString", $"Data Source={Disk}/comments.db")], shell);
        return (await run.ExitAsync(), run.Output);
    }
}

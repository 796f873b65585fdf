using System.Collections.Concurrent;
using System.Diagnostics;
using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CommentFunctions.Tests.Data;

public sealed class GroupCommitTests : IDisposable
{
    private readonly SemaphoreSlim begun = new(0);

    public void Dispose() => begun.Dispose();

    [Fact]
    public async Task Saves_that_come_while_another_is_under_way_share_a_transaction()
    {
        await using var app = await TestApp.StartAsync();
        using var commits = new Commits(app.Folder);

        var saves = await WhileTheFileIsHeldAsync(app, [.. Enumerable.Range(0, 40).Select(i => Adding(app, $"{i}"))]);
        await Task.WhenAll(saves);

        Assert.Equal(40, await CountAsync(app));
        Assert.InRange(commits.Count, 1, 2);
    }

    [Fact]
    public async Task Of_saves_that_share_a_transaction_only_the_one_to_blame_fails()
    {
        await using var app = await TestApp.StartAsync();
        string[] ids = ["first", "a", "b", "twice", "c", "twice", "d"];

        var saves = await WhileTheFileIsHeldAsync(app, [.. ids.Select(id => Adding(app, id))]);
        var failures = (await Task.WhenAll(saves.Select(save => Record.ExceptionAsync(() => save)))).OfType<Exception>();

        Assert.IsType<DbUpdateException>(Assert.Single(failures));
        Assert.Equal(6, await CountAsync(app));
    }

    [Fact]
    public async Task Saves_of_all_kinds_are_carried_out()
    {
        await using var app = await TestApp.StartAsync();
        await app.WithAsync(Adding(app, "old"));
        await begun.WaitAsync();

        var saves = await WhileTheFileIsHeldAsync(app, [.. Enumerable.Range(0, 5).Select(i => Adding(app, $"{i}")), RemoveAsync]);
        await Task.WhenAll(saves);

        Assert.Equal(5, await CountAsync(app));

        async Task RemoveAsync(CommentDbContext db)
        {
            db.DeliveredReplies.Remove(await db.DeliveredReplies.SingleAsync(r => r.Id == "old"));
            await BeginSave(db);
        }
    }

    [Fact]
    public async Task What_was_saved_with_others_is_not_saved_again()
    {
        await using var app = await TestApp.StartAsync();

        var saves = await WhileTheFileIsHeldAsync(app, [.. Enumerable.Range(0, 8).Select(SavingTwice)]);
        await Task.WhenAll(saves);

        Assert.Equal(8, await CountAsync(app));

        Func<CommentDbContext, Task> SavingTwice(int i) => async db =>
        {
            var reply = new DeliveredReply { Id = $"{i}", DeliveredAt = app.Clock.Now };
            db.DeliveredReplies.Add(reply);
            Assert.Equal(1, await BeginSave(db));
            Assert.Equal(EntityState.Unchanged, db.Entry(reply).State);
            Assert.Equal(0, await db.SaveChangesAsync());
        };
    }

    // The first save waits for the file, and the others for the first.
    private async Task<Task[]> WhileTheFileIsHeldAsync(TestApp app, IReadOnlyList<Func<CommentDbContext, Task>> saves)
    {
        await using var holder = new SqliteConnection($"Data Source={app.DatabaseFile};Pooling=False");
        await holder.OpenAsync();
        await using var transaction = holder.BeginTransaction();
        var started = saves.Select(save => Task.Run(() => app.WithAsync(save))).ToArray();
        foreach (var _ in saves)
        {
            Assert.True(await begun.WaitAsync(TimeSpan.FromSeconds(30)), "Not all saves were begun.");
        }

        Assert.DoesNotContain(started, save => save.IsCompleted);
        return started;
    }

    private Func<CommentDbContext, Task> Adding(TestApp app, string id) => async db =>
    {
        db.DeliveredReplies.Add(new() { Id = id, DeliveredAt = app.Clock.Now });
        await BeginSave(db);
    };

    private Task<int> BeginSave(CommentDbContext db)
    {
        var save = db.SaveChangesAsync();
        begun.Release();
        return save;
    }

    private static Task<int> CountAsync(TestApp app) => app.WithAsync<CommentDbContext, int>(db => db.DeliveredReplies.CountAsync());

    /// <summary>Counts the transactions that EF commits on databases below a folder.</summary>
    private sealed class Commits : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly ConcurrentBag<IDisposable> subscriptions = [];
        private readonly string folder;
        private int count;

        public Commits(string folder)
        {
            this.folder = folder;
            subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
        }

        public int Count => Volatile.Read(ref count);

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == DbLoggerCategory.Name)
            {
                subscriptions.Add(value.Subscribe(this));
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: var key, Value: TransactionEndEventData data }
                && key == RelationalEventId.TransactionCommitted.Name
                && data.Context?.Database.GetConnectionString()?.Contains(folder, StringComparison.Ordinal) == true)
            {
                Interlocked.Increment(ref count);
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose()
        {
            foreach (var subscription in subscriptions)
            {
                subscription.Dispose();
            }
        }
    }
}

/// <summary>What was saved survives a loss of power.</summary>
[Requires(Reachable.Pages)]
public class SavesOnDiskTests
{
    [StoreFact]
    public async Task A_save_ends_when_it_is_on_the_disk()
    {
        await using var app = await TestApp.StartAsync();
        var log = app.DatabaseFile + "-wal";

        for (var i = 0; i < 10; i++)
        {
            await app.PostAsync("ann", $"text {i}");
            Assert.True(UnwrittenPages.Of(log) == 0, $"Save {i}: {UnwrittenPages.Of(log)} pages are not on the disk.");
        }
    }
}

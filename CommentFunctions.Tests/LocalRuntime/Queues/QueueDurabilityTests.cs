using System.Collections.Concurrent;
using System.Runtime.Serialization;
using System.Text;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;
using Functions.LocalRuntime.Queues;
using Functions.LocalRuntime.Storage;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

public sealed class QueueDurabilityTests : QueueFileTests
{
    [Fact]
    public async Task A_send_returns_after_the_message_is_in_the_file()
    {
        await Queue.SendAsync("one");

        // A second opening of the file, as after a crash: the first is still open and has flushed nothing by closing.
        await using var file = new RuntimeFile(Queue.Path);
        var store = new QueueStore(file, Queue.Options, Queue.Clock);
        Assert.Equal("one", Assert.Single(await store.ReceiveAsync(QueueFile.Queue, 10)).Body.ToString());
    }

    [Fact]
    public async Task A_copy_of_the_files_taken_after_a_send_holds_the_message()
    {
        await Queue.SendAsync("one");
        using var crashed = new TempFolder();
        File.Copy(Queue.Path, crashed.File("runtime.db"));
        File.Copy(Queue.Path + "-wal", crashed.File("runtime.db-wal"));

        await using var file = new RuntimeFile(crashed.File("runtime.db"));
        var store = new QueueStore(file, Queue.Options, Queue.Clock);
        Assert.Equal("one", Assert.Single(await store.ReceiveAsync(QueueFile.Queue, 10)).Body.ToString());
    }

    [Fact]
    public async Task A_batch_is_kept_as_a_whole_or_not_at_all()
    {
        Queue.ExecuteBeside("CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN new.message_id = 'bad' BEGIN SELECT RAISE(ABORT, 'refused'); END");

        await RefusedAsync<SqliteException>(() => Queue.Sender().SendMessagesAsync(
            [new("one") { MessageId = "good" }, new("two") { MessageId = "bad" }, new("three") { MessageId = "also good" }]));
        Assert.Empty(await Queue.ReceiveAsync());

        // Nor is anything of it remembered as seen.
        await Queue.Sender().SendMessageAsync(new("one") { MessageId = "good" });
        Assert.Equal(["one"], await Queue.BodiesAsync());
    }

    [Fact]
    public async Task A_batch_with_a_message_that_cannot_be_sent_keeps_nothing()
    {
        await Assert.ThrowsAsync<SerializationException>(() => Queue.Sender().SendMessagesAsync(
            [new("one"), new("two") { ApplicationProperties = { ["what"] = new object() } }]));

        Assert.Empty(await Queue.ReceiveAsync());
    }

    [Fact]
    public async Task A_send_that_fails_takes_no_other_send_with_it()
    {
        Queue.ExecuteBeside("CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN new.message_id LIKE 'bad%' BEGIN SELECT RAISE(ABORT, 'refused'); END");
        using var hold = new ManualResetEventSlim();
        // While the writer is held up, the sends gather into one transaction.
        var holding = Queue.File.RunAsync(_ => hold.Wait(Wait.Limit));
        var good = Enumerable.Range(0, 20).Select(i => Queue.Sender().SendMessageAsync(new($"{i}") { MessageId = $"good {i}" })).ToList();
        var bad = Queue.Sender().SendMessageAsync(new("bad") { MessageId = "bad" });
        good.Add(Queue.Sender().SendMessageAsync(new("20") { MessageId = "good 20" }));
        hold.Set();
        await holding;

        await RefusedAsync<SqliteException>(() => bad);
        await Wait.ForAsync(Task.WhenAll(good));
        Assert.Equal(Enumerable.Range(0, 21).Select(i => $"{i}"), await Queue.BodiesAsync());
    }

    [Fact]
    public async Task On_a_full_disk_senders_see_an_exception_and_afterwards_sending_goes_on()
    {
        await Queue.SendAsync("before");
        var pages = await Queue.File.RunAsync(connection => connection.Query("PRAGMA page_count", row => row.GetInt64(0)).Single());
        await Queue.File.RunAsync(connection => connection.Query($"PRAGMA max_page_count = {pages + 2}", row => row.GetInt64(0)));

        var big = new string('x', 100_000);
        await RefusedAsync<SqliteException>(() => Queue.SendAsync(big));
        await Queue.File.RunAsync(connection => connection.Query("PRAGMA max_page_count = 1000000", row => row.GetInt64(0)));
        await Queue.SendAsync("after");

        Assert.Equal(["before", "after"], await Queue.BodiesAsync());
    }

    [Fact]
    public async Task What_changes_nothing_does_not_wait_for_the_disk()
    {
        await Queue.SendAsync("one");
        var before = Queue.File.Flushes;
        for (var i = 0; i < 5; i++)
        {
            await Queue.Store.SweepAsync();
            await Queue.Store.RenewAsync([]);
            await Queue.Store.CountAsync(QueueFile.Queue);
        }

        Assert.Equal(before, Queue.File.Flushes);
        await Queue.SendAsync("two");
        Assert.Equal(before + 1, Queue.File.Flushes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    public async Task Where_the_file_was_deleted_nothing_is_reported_accepted(string which)
    {
        await Queue.SendAsync("before");
        File.Delete(Queue.Path + which);

        var failure = await RefusedAsync<IOException>(() => Queue.SendAsync("into the void"));

        Assert.Contains(Queue.Path, failure.Message, StringComparison.Ordinal);
        await RefusedAsync<IOException>(() => Queue.SendAsync("once more"));
    }

    [Fact]
    public async Task A_completed_message_leaves_no_text_in_the_files()
    {
        const string Secret = "a sentence that is nowhere else in the file";
        await Queue.SendAsync(Secret, "kept");
        var message = (await Queue.ReceiveAsync())[0];
        Assert.True(FilesContain(Secret));

        await Queue.Store.CompleteAsync(message);
        Queue.ExecuteBeside("PRAGMA wal_checkpoint(TRUNCATE)");

        Assert.False(FilesContain(Secret));
    }

    [Fact]
    public async Task After_a_stop_sends_fail()
    {
        await Queue.File.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => Queue.SendAsync("late"));
    }

    [Fact]
    public async Task With_many_senders_and_receivers_each_message_is_handled_once()
    {
        const int Senders = 8;
        const int Each = 100;
        var handled = new ConcurrentBag<string>();
        var sending = Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                await Queue.SendAsync($"{sender}/{i}");
            }
        })));
        var receiving = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!sending.IsCompleted || (await Queue.Store.CountAsync(QueueFile.Queue)).Active > 0)
            {
                foreach (var message in await Queue.ReceiveAsync(16))
                {
                    handled.Add(message.Body.ToString());
                    Assert.True(await Queue.Store.CompleteAsync(message));
                }
            }
        })).ToList();

        await Wait.ForAsync(sending);
        await Wait.ForAsync(Task.WhenAll(receiving));

        Assert.Equal(Senders * Each, handled.Count);
        Assert.Equal(Senders * Each, handled.Distinct().Count());
    }

    private bool FilesContain(string text) => Directory.EnumerateFiles(Path.GetDirectoryName(Queue.Path)!).Any(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    });

    // As Service Bus tells it, with what the file said within.
    private static async Task<TInner> RefusedAsync<TInner>(Func<Task> send)
        where TInner : Exception
    {
        var failure = await Assert.ThrowsAsync<ServiceBusException>(send);
        Assert.Equal(ServiceBusFailureReason.ServiceCommunicationProblem, failure.Reason);
        return Assert.IsType<TInner>(failure.InnerException);
    }
}

/// <summary>What was sent survives a loss of power.</summary>
[Requires(Reachable.Pages)]
public sealed class QueuesOnDiskTests : QueueFileTests
{
    [StoreFact]
    public async Task A_send_ends_when_it_is_on_the_disk()
    {
        for (var i = 0; i < 10; i++)
        {
            await Queue.SendAsync($"{i}");
            Assert.True(UnwrittenPages.Of(Queue.Path + "-wal") == 0, $"Message {i}: {UnwrittenPages.Of(Queue.Path + "-wal")} pages are not on the disk.");
        }
    }
}

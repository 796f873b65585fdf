using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

public sealed class QueueTimeTests : QueueFileTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task A_scheduled_message_is_delivered_at_its_time_and_not_before()
    {
        var due = QueueFile.Start.AddHours(1);
        await Queue.Sender().SendMessageAsync(new ServiceBusMessage("later") { ScheduledEnqueueTime = due });
        Assert.Equal(new(0, 1, 0), await Queue.Store.CountAsync(QueueFile.Queue));

        Queue.Clock.Advance(TimeSpan.FromHours(1) - Tick);
        Assert.Empty(await Queue.ReceiveAsync());

        Queue.Clock.Advance(Tick);
        Assert.Equal(new(1, 0, 0), await Queue.Store.CountAsync(QueueFile.Queue));
        Assert.Equal(due, (await Queue.ReceiveOneAsync()).EnqueuedTime);
    }

    [Fact]
    public async Task A_message_scheduled_for_the_past_is_delivered_at_once()
    {
        await Queue.Sender().SendMessageAsync(new ServiceBusMessage("late") { ScheduledEnqueueTime = QueueFile.Start.AddYears(-1) });

        Assert.Equal(QueueFile.Start, (await Queue.ReceiveOneAsync()).EnqueuedTime);
    }

    [Fact]
    public async Task A_message_that_outlives_its_time_to_live_is_dead_lettered()
    {
        await Queue.Sender().SendMessageAsync(new ServiceBusMessage("short") { TimeToLive = TimeSpan.FromMinutes(5) });
        Queue.Clock.Advance(TimeSpan.FromMinutes(5) - Tick);
        await Queue.Store.SweepAsync();
        Assert.Empty(await Queue.DeadLettersAsync());

        Queue.Clock.Advance(Tick);
        Assert.Empty(await Queue.ReceiveAsync());
        await Queue.Store.SweepAsync();
        Assert.Equal(("short", "TTLExpiredException"), Assert.Single(await Queue.DeadLettersAsync()) is var (body, reason, _) ? (body, reason) : default);
    }

    [Fact]
    public async Task The_time_to_live_of_a_scheduled_message_counts_from_its_delivery()
    {
        await Queue.Sender().SendMessageAsync(new ServiceBusMessage("later")
        {
            ScheduledEnqueueTime = QueueFile.Start.AddHours(1),
            TimeToLive = TimeSpan.FromMinutes(5),
        });

        Queue.Clock.Advance(TimeSpan.FromMinutes(64));
        await Queue.Store.SweepAsync();

        Assert.Equal(QueueFile.Start.AddMinutes(65), (await Queue.ReceiveOneAsync()).ExpiresAt);
    }

    [Fact]
    public async Task The_queues_own_time_to_live_holds_where_it_is_shorter()
    {
        await Queue.Sender().SendMessageAsync(new ServiceBusMessage("long") { TimeToLive = TimeSpan.FromDays(3) });
        await Queue.SendAsync("unlimited");

        Assert.All(await Queue.ReceiveAsync(), message => Assert.Equal(QueueFile.Start.AddDays(1), message.ExpiresAt));
    }

    [Fact]
    public async Task A_message_that_expires_while_it_is_worked_on_can_still_be_completed()
    {
        await Queue.Sender().SendMessageAsync(new ServiceBusMessage("short") { TimeToLive = TimeSpan.FromSeconds(1) });
        var message = await Queue.ReceiveOneAsync();
        Queue.Clock.Advance(TimeSpan.FromSeconds(30));

        await Queue.Store.SweepAsync();

        Assert.True(await Queue.Store.CompleteAsync(message));
        Assert.Empty(await Queue.DeadLettersAsync());
    }

    [Fact]
    public async Task A_MessageId_seen_within_the_window_is_dropped_also_after_its_message_was_completed()
    {
        await SendAsync("telegram:1", "first");
        await Queue.Store.CompleteAsync(await Queue.ReceiveOneAsync());
        Queue.Clock.Advance(Window - Tick);
        await Queue.Store.SweepAsync();

        await SendAsync("telegram:1", "repeat");

        Assert.Empty(await Queue.ReceiveAsync());
    }

    [Fact]
    public async Task A_MessageId_is_forgotten_after_the_window()
    {
        await SendAsync("telegram:1", "first");
        Queue.Clock.Advance(Window);

        await SendAsync("telegram:1", "again");

        Assert.Equal(["first", "again"], await Queue.BodiesAsync());
    }

    [Fact]
    public async Task The_window_is_not_moved_by_repeats()
    {
        await SendAsync("telegram:1", "first");
        Queue.Clock.Advance(Window / 2);
        await SendAsync("telegram:1", "repeat");
        Queue.Clock.Advance(Window / 2);

        await SendAsync("telegram:1", "again");

        Assert.Equal(["first", "again"], await Queue.BodiesAsync());
    }

    [Fact]
    public async Task A_scheduled_copy_is_a_duplicate_too()
    {
        await SendAsync("telegram:1", "first");

        await SendAsync("telegram:1", "retry", QueueFile.Start.AddHours(1));

        Queue.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["first"], await Queue.BodiesAsync());
    }

    [Fact]
    public async Task Duplicates_are_found_within_one_batch_across_a_restart_and_for_each_queue_by_itself()
    {
        await Queue.Sender().SendMessagesAsync([new("one") { MessageId = "a" }, new("two") { MessageId = "a" }, new("three") { MessageId = "b" }]);
        await Queue.ReopenAsync();
        await SendAsync("b", "four");
        await Queue.Sender("other").SendMessageAsync(new("five") { MessageId = "a" });

        Assert.Equal(["one", "three"], await Queue.BodiesAsync());
        Assert.Equal(new(1, 0, 0), await Queue.Store.CountAsync("other"));
    }

    [Fact]
    public async Task Messages_without_an_id_get_one_each_and_are_never_duplicates()
    {
        await Queue.SendAsync("same", "same");

        var messages = await Queue.ReceiveAsync();
        Assert.Equal(2, messages.Select(message => message.MessageId).Distinct().Count());
        Assert.All(messages, message => Assert.NotEmpty(message.MessageId));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_hides_nothing()
    {
        await Queue.SendAsync("given back before");
        await Queue.Store.AbandonAsync(QueueFile.Queue, await Queue.ReceiveOneAsync());
        await Queue.SendAsync("sent before");

        Queue.Clock.Set(QueueFile.Start.AddDays(-400));
        await Queue.SendAsync("sent after");

        Assert.Equal(["given back before", "sent before", "sent after"], await Queue.BodiesAsync());
    }

    [Fact]
    public async Task Forgotten_MessageIds_leave_the_file()
    {
        await SendAsync("telegram:1", "first");
        Queue.Clock.Advance(Window);

        await Queue.Store.SweepAsync();

        Assert.Empty(await Queue.File.RunAsync(connection => connection.Query("SELECT message_id FROM seen", row => row.GetString(0))));
    }

    private Task SendAsync(string id, string body, DateTimeOffset scheduled = default) =>
        Queue.Sender().SendMessageAsync(new ServiceBusMessage(body) { MessageId = id, ScheduledEnqueueTime = scheduled });
}

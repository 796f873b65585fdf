using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

public sealed class PeekLockTests : IAsyncDisposable
{
    private static readonly TimeSpan Lock = TimeSpan.FromMinutes(1);

    private readonly QueueFile queue = new();

    public ValueTask DisposeAsync() => queue.DisposeAsync();

    [Fact]
    public async Task A_received_message_is_hidden_until_its_lock_ends_and_then_comes_back()
    {
        await queue.SendAsync("one");
        var first = await queue.ReceiveOneAsync();
        Assert.Equal(QueueFile.Start + Lock, first.LockedUntil);

        queue.Clock.Advance(Lock - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await queue.ReceiveAsync());

        queue.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = await queue.ReceiveOneAsync();
        Assert.Equal(first.SequenceNumber, second.SequenceNumber);
        Assert.NotEqual(first.LockToken, second.LockToken);
        Assert.Equal((1, 2), (first.DeliveryCount, second.DeliveryCount));
    }

    [Fact]
    public async Task Renewal_holds_a_message_for_another_lock_duration()
    {
        await queue.SendAsync("one");
        var message = await queue.ReceiveOneAsync();
        queue.Clock.Advance(Lock - TimeSpan.FromSeconds(1));

        Assert.Empty(await queue.Store.RenewAsync([message]));

        queue.Clock.Advance(Lock - TimeSpan.FromSeconds(1));
        Assert.Empty(await queue.ReceiveAsync());
        Assert.True(await queue.Store.CompleteAsync(message));
    }

    [Fact]
    public async Task Renewal_names_the_messages_whose_lock_is_lost()
    {
        await queue.SendAsync("one", "two");
        var messages = await queue.ReceiveAsync();
        Assert.True(await queue.Store.CompleteAsync(messages[0]));

        Assert.Equal([messages[0]], await queue.Store.RenewAsync(messages));

        queue.Clock.Advance(Lock);
        Assert.Equal(messages, await queue.Store.RenewAsync(messages));
    }

    [Fact]
    public async Task A_completed_message_is_gone()
    {
        await queue.SendAsync("one");
        Assert.True(await queue.Store.CompleteAsync(await queue.ReceiveOneAsync()));

        queue.Clock.Advance(Lock * 2);
        Assert.Empty(await queue.ReceiveAsync());
        Assert.Equal(new(0, 0, 0), await queue.Store.CountAsync(QueueFile.Queue));
    }

    [Fact]
    public async Task An_abandoned_message_comes_back_at_once_with_its_delivery_counted()
    {
        await queue.SendAsync("one");
        Assert.True(await queue.Store.AbandonAsync(QueueFile.Queue, await queue.ReceiveOneAsync()));

        Assert.Equal(2, (await queue.ReceiveOneAsync()).DeliveryCount);
    }

    [Fact]
    public async Task A_dead_lettered_message_keeps_its_reason_and_is_not_delivered()
    {
        await queue.SendAsync("one");
        var message = await queue.ReceiveOneAsync();
        Assert.True(await queue.Store.DeadLetterAsync(
            message, global::Functions.LocalRuntime.Queues.DeadLetterProperties.Add(new Dictionary<string, object>(), "Malformed", "It has no text.")));

        queue.Clock.Advance(Lock * 2);
        Assert.Empty(await queue.ReceiveAsync());
        Assert.Equal([("one", "Malformed", "It has no text.")], await queue.DeadLettersAsync());
        Assert.Equal(new(0, 0, 1), await queue.Store.CountAsync(QueueFile.Queue));
    }

    [Fact]
    public async Task A_deferred_message_is_kept_and_not_delivered()
    {
        await queue.SendAsync("one");
        Assert.True(await queue.Store.DeferAsync(await queue.ReceiveOneAsync(), null));

        queue.Clock.Advance(Lock * 2);
        await queue.Store.SweepAsync();
        Assert.Empty(await queue.ReceiveAsync());
        Assert.Equal([2L], await queue.File.RunAsync(c => c.Query("SELECT state FROM messages", row => row.GetInt64(0))));
    }

    [Fact]
    public async Task Nothing_can_be_done_with_a_lost_lock()
    {
        await queue.SendAsync("one");
        var lost = await queue.ReceiveOneAsync();
        queue.Clock.Advance(Lock);

        Assert.False(await queue.Store.CompleteAsync(lost));
        Assert.False(await queue.Store.AbandonAsync(QueueFile.Queue, lost));
        Assert.False(await queue.Store.DeadLetterAsync(lost, "{}"));
        Assert.False(await queue.Store.DeferAsync(lost, null));
        Assert.Equal(2, (await queue.ReceiveOneAsync()).DeliveryCount);
    }

    [Fact]
    public async Task The_lock_of_an_earlier_delivery_does_not_settle_a_later_one()
    {
        await queue.SendAsync("one");
        var earlier = await queue.ReceiveOneAsync();
        queue.Clock.Advance(Lock);
        var later = await queue.ReceiveOneAsync();

        Assert.False(await queue.Store.CompleteAsync(earlier));
        Assert.False(await queue.Store.AbandonAsync(QueueFile.Queue, earlier));
        Assert.True(await queue.Store.CompleteAsync(later));
    }

    [Fact]
    public async Task The_tenth_failed_delivery_is_the_last()
    {
        await queue.SendAsync("poison");
        for (var delivery = 1; delivery <= 10; delivery++)
        {
            var message = await queue.ReceiveOneAsync();
            Assert.Equal(delivery, message.DeliveryCount);
            Assert.True(await queue.Store.AbandonAsync(QueueFile.Queue, message));
        }

        Assert.Empty(await queue.ReceiveAsync());
        var (body, reason, description) = Assert.Single(await queue.DeadLettersAsync());
        Assert.Equal(("poison", "MaxDeliveryCountExceeded"), (body, reason));
        Assert.Contains("10", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_takes_its_process_down_each_time_ends_in_the_dead_letter_queue()
    {
        await queue.SendAsync("poison");
        for (var delivery = 1; delivery <= 10; delivery++)
        {
            await queue.ReceiveOneAsync();
            await queue.ReopenAsync();
            await queue.Store.ReleaseLocksAsync();
        }

        Assert.Empty(await queue.ReceiveAsync());
        await queue.Store.SweepAsync();
        Assert.Equal("MaxDeliveryCountExceeded", Assert.Single(await queue.DeadLettersAsync()).Reason);
    }

    [Fact]
    public async Task A_restart_releases_the_locks_of_the_process_that_is_gone()
    {
        await queue.SendAsync("one");
        await queue.ReceiveOneAsync();
        await queue.ReopenAsync();
        Assert.Empty(await queue.ReceiveAsync());

        await queue.Store.ReleaseLocksAsync();

        Assert.Equal(2, (await queue.ReceiveOneAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Releasing_locks_leaves_scheduled_deferred_and_dead_lettered_messages_alone()
    {
        await queue.SendAsync("dead", "deferred");
        var messages = await queue.ReceiveAsync();
        await queue.Store.DeadLetterAsync(messages[0], "{}");
        await queue.Store.DeferAsync(messages[1], null);
        await queue.Sender().SendMessageAsync(new ServiceBusMessage("later") { ScheduledEnqueueTime = QueueFile.Start + Lock });

        await queue.Store.ReleaseLocksAsync();

        Assert.Empty(await queue.ReceiveAsync());
        Assert.Equal(new(0, 1, 1), await queue.Store.CountAsync(QueueFile.Queue));
    }

    [Fact]
    public async Task Messages_come_in_the_order_they_were_sent_also_after_being_given_back()
    {
        await queue.SendAsync(Enumerable.Range(0, 20).Select(i => $"{i}"));
        foreach (var message in await queue.ReceiveAsync(5))
        {
            await queue.Store.AbandonAsync(QueueFile.Queue, message);
        }

        var bodies = new List<string>();
        for (var batch = 0; batch < 4; batch++)
        {
            bodies.AddRange((await queue.ReceiveAsync(5)).Select(message => message.Body.ToString()));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), bodies);
    }

    [Fact]
    public async Task Queues_of_one_file_do_not_mix()
    {
        await queue.SendAsync("mine");
        await queue.Sender("other").SendMessageAsync(new ServiceBusMessage("theirs"));

        Assert.Equal(["mine"], await queue.BodiesAsync());
        Assert.Equal(new(1, 0, 0), await queue.Store.CountAsync("other"));
        Assert.Equal(new(0, 0, 0), await queue.Store.CountAsync("never used"));
    }
}

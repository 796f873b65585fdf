using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

public sealed class PeekLockTests : QueueFileTests
{
    private static readonly TimeSpan Lock = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_received_message_is_hidden_until_its_lock_ends_and_then_comes_back()
    {
        await Queue.SendAsync("one");
        var first = await Queue.ReceiveOneAsync();
        Assert.Equal(QueueFile.Start + Lock, first.LockedUntil);

        Queue.Clock.Advance(Lock - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await Queue.ReceiveAsync());

        Queue.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = await Queue.ReceiveOneAsync();
        Assert.Equal(first.SequenceNumber, second.SequenceNumber);
        Assert.NotEqual(first.LockToken, second.LockToken);
        Assert.Equal((1, 2), (first.DeliveryCount, second.DeliveryCount));
    }

    [Fact]
    public async Task Renewal_holds_a_message_for_another_lock_duration()
    {
        await Queue.SendAsync("one");
        var message = await Queue.ReceiveOneAsync();
        Queue.Clock.Advance(Lock - TimeSpan.FromSeconds(1));

        Assert.Empty(await Queue.Store.RenewAsync([message]));

        Queue.Clock.Advance(Lock - TimeSpan.FromSeconds(1));
        Assert.Empty(await Queue.ReceiveAsync());
        Assert.True(await Queue.Store.CompleteAsync(message));
    }

    [Fact]
    public async Task Renewal_names_the_messages_whose_lock_is_lost()
    {
        await Queue.SendAsync("one", "two");
        var messages = await Queue.ReceiveAsync();
        Assert.True(await Queue.Store.CompleteAsync(messages[0]));

        Assert.Equal([messages[0]], await Queue.Store.RenewAsync(messages));

        Queue.Clock.Advance(Lock);
        Assert.Equal(messages, await Queue.Store.RenewAsync(messages));
    }

    [Fact]
    public async Task A_completed_message_is_gone()
    {
        await Queue.SendAsync("one");
        Assert.True(await Queue.Store.CompleteAsync(await Queue.ReceiveOneAsync()));

        Queue.Clock.Advance(Lock * 2);
        Assert.Empty(await Queue.ReceiveAsync());
        Assert.Equal(new(0, 0, 0), await Queue.Store.CountAsync(QueueFile.Queue));
    }

    [Fact]
    public async Task An_abandoned_message_comes_back_at_once_with_its_delivery_counted()
    {
        await Queue.SendAsync("one");
        Assert.True(await Queue.Store.AbandonAsync(QueueFile.Queue, await Queue.ReceiveOneAsync()));

        Assert.Equal(2, (await Queue.ReceiveOneAsync()).DeliveryCount);
    }

    [Fact]
    public async Task A_dead_lettered_message_keeps_its_reason_and_is_not_delivered()
    {
        await Queue.SendAsync("one");
        var message = await Queue.ReceiveOneAsync();
        Assert.True(await Queue.Store.DeadLetterAsync(
            message, global::Functions.LocalRuntime.Queues.MessageProperties.WriteDeadLetter([], "Malformed", "It has no text.")));

        Queue.Clock.Advance(Lock * 2);
        Assert.Empty(await Queue.ReceiveAsync());
        Assert.Equal([("one", "Malformed", "It has no text.")], await Queue.DeadLettersAsync());
        Assert.Equal(new(0, 0, 1), await Queue.Store.CountAsync(QueueFile.Queue));
    }

    [Fact]
    public async Task A_deferred_message_is_kept_and_not_delivered()
    {
        await Queue.SendAsync("one");
        Assert.True(await Queue.Store.DeferAsync(await Queue.ReceiveOneAsync(), null));

        Queue.Clock.Advance(Lock * 2);
        await Queue.Store.SweepAsync();
        Assert.Empty(await Queue.ReceiveAsync());
        Assert.Equal([2L], await Queue.File.RunAsync(c => c.Query("SELECT state FROM messages", row => row.GetInt64(0))));
    }

    [Fact]
    public async Task Nothing_can_be_done_with_a_lost_lock()
    {
        await Queue.SendAsync("one");
        var lost = await Queue.ReceiveOneAsync();
        Queue.Clock.Advance(Lock);

        Assert.False(await Queue.Store.CompleteAsync(lost));
        Assert.False(await Queue.Store.AbandonAsync(QueueFile.Queue, lost));
        Assert.False(await Queue.Store.DeadLetterAsync(lost, "{}"));
        Assert.False(await Queue.Store.DeferAsync(lost, null));
        Assert.Equal(2, (await Queue.ReceiveOneAsync()).DeliveryCount);
    }

    [Fact]
    public async Task The_lock_of_an_earlier_delivery_does_not_settle_a_later_one()
    {
        await Queue.SendAsync("one");
        var earlier = await Queue.ReceiveOneAsync();
        Queue.Clock.Advance(Lock);
        var later = await Queue.ReceiveOneAsync();

        Assert.False(await Queue.Store.CompleteAsync(earlier));
        Assert.False(await Queue.Store.AbandonAsync(QueueFile.Queue, earlier));
        Assert.True(await Queue.Store.CompleteAsync(later));
    }

    [Fact]
    public async Task The_tenth_failed_delivery_is_the_last()
    {
        await Queue.SendAsync("poison");
        for (var delivery = 1; delivery <= 10; delivery++)
        {
            var message = await Queue.ReceiveOneAsync();
            Assert.Equal(delivery, message.DeliveryCount);
            Assert.True(await Queue.Store.AbandonAsync(QueueFile.Queue, message));
        }

        Assert.Empty(await Queue.ReceiveAsync());
        var (body, reason, description) = Assert.Single(await Queue.DeadLettersAsync());
        Assert.Equal(("poison", "MaxDeliveryCountExceeded"), (body, reason));
        Assert.Contains("10", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_takes_its_process_down_each_time_ends_in_the_dead_letter_queue()
    {
        await Queue.SendAsync("poison");
        for (var delivery = 1; delivery <= 10; delivery++)
        {
            await Queue.ReceiveOneAsync();
            await Queue.ReopenAsync();
            await Queue.Store.ReleaseLocksAsync();
        }

        Assert.Empty(await Queue.ReceiveAsync());
        await Queue.Store.SweepAsync();
        Assert.Equal("MaxDeliveryCountExceeded", Assert.Single(await Queue.DeadLettersAsync()).Reason);
    }

    [Fact]
    public async Task A_restart_releases_the_locks_of_the_process_that_is_gone()
    {
        await Queue.SendAsync("one");
        await Queue.ReceiveOneAsync();
        await Queue.ReopenAsync();
        Assert.Empty(await Queue.ReceiveAsync());

        await Queue.Store.ReleaseLocksAsync();

        Assert.Equal(2, (await Queue.ReceiveOneAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Releasing_locks_leaves_scheduled_deferred_and_dead_lettered_messages_alone()
    {
        await Queue.SendAsync("dead", "deferred");
        var messages = await Queue.ReceiveAsync();
        await Queue.Store.DeadLetterAsync(messages[0], "{}");
        await Queue.Store.DeferAsync(messages[1], null);
        await Queue.Sender().SendMessageAsync(new ServiceBusMessage("later") { ScheduledEnqueueTime = QueueFile.Start + Lock });

        await Queue.Store.ReleaseLocksAsync();

        Assert.Empty(await Queue.ReceiveAsync());
        Assert.Equal(new(0, 1, 1), await Queue.Store.CountAsync(QueueFile.Queue));
    }

    [Fact]
    public async Task Messages_come_in_the_order_they_were_sent_also_after_being_given_back()
    {
        await Queue.SendAsync(Enumerable.Range(0, 20).Select(i => $"{i}"));
        foreach (var message in await Queue.ReceiveAsync(5))
        {
            await Queue.Store.AbandonAsync(QueueFile.Queue, message);
        }

        var bodies = new List<string>();
        for (var batch = 0; batch < 4; batch++)
        {
            bodies.AddRange((await Queue.ReceiveAsync(5)).Select(message => message.Body.ToString()));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), bodies);
    }

    [Fact]
    public async Task Queues_of_one_file_do_not_mix()
    {
        await Queue.SendAsync("mine");
        await Queue.Sender("other").SendMessageAsync(new ServiceBusMessage("theirs"));

        Assert.Equal(["mine"], await Queue.BodiesAsync());
        Assert.Equal(new(1, 0, 0), await Queue.Store.CountAsync("other"));
        Assert.Equal(new(0, 0, 0), await Queue.Store.CountAsync("never used"));
    }
}

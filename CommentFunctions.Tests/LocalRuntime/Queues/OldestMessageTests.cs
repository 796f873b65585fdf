using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

public class OldestMessageTests : QueueFileTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_empty_queue_has_none()
    {
        await Queue.Sender("other").SendMessageAsync(new ServiceBusMessage("elsewhere"));

        Assert.Null(await OldestAsync());
    }

    [Fact]
    public async Task It_is_the_one_that_was_sent_first()
    {
        await Queue.SendAsync("first");
        Queue.Clock.Advance(Minute);
        await Queue.SendAsync("second");

        Assert.Equal(QueueFile.Start, await OldestAsync());
    }

    [Fact]
    public async Task One_that_is_worked_on_does_not_wait_and_waits_again_when_it_is_given_back()
    {
        await Queue.SendAsync("first");
        Queue.Clock.Advance(Minute);
        var message = await Queue.ReceiveOneAsync();
        await Queue.SendAsync("second");

        Assert.Equal(QueueFile.Start + Minute, await OldestAsync());
        await Queue.Store.AbandonAsync(QueueFile.Queue, message);
        Assert.Equal(QueueFile.Start, await OldestAsync());
    }

    [Fact]
    public async Task One_whose_lock_ran_out_waits()
    {
        await Queue.SendAsync("first");
        await Queue.ReceiveOneAsync();
        Queue.Clock.Advance(Queue.Options.LockDuration);

        Assert.Equal(QueueFile.Start, await OldestAsync());
    }

    [Fact]
    public async Task One_for_later_waits_from_its_time_on()
    {
        await Queue.Sender().SendMessageAsync(new ServiceBusMessage("later") { ScheduledEnqueueTime = QueueFile.Start + Minute });

        Assert.Null(await OldestAsync());
        Queue.Clock.Advance(Minute + Minute);
        await Queue.SendAsync("at once");
        Assert.Equal(QueueFile.Start + Minute, await OldestAsync());
    }

    [Fact]
    public async Task A_dead_letter_does_not_wait()
    {
        await Queue.SendAsync("first");
        await Queue.Store.DeadLetterAsync(await Queue.ReceiveOneAsync(), "{}");

        Assert.Null(await OldestAsync());
    }

    [Fact]
    public async Task It_is_found_without_reading_the_other_messages()
    {
        var plan = await Queue.File.RunAsync(connection => connection.Query(
            $"EXPLAIN QUERY PLAN {Functions.LocalRuntime.Queues.QueueStore.OldestQuery}", row => row.GetString(3), QueueFile.Queue, 0L));

        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        Assert.Equal(2, plan.Count(step => step.StartsWith("SEARCH messages USING INDEX messages_ready", StringComparison.Ordinal)));
    }

    private Task<DateTimeOffset?> OldestAsync() => Queue.Store.OldestAsync(QueueFile.Queue);
}

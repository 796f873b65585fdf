using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Storage;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

/// <summary>Of each message that the queue itself gives up on there is one warning, and of those that a function gave up on there is none.</summary>
public sealed class DeadLetterLogTests : QueueFileTests
{
    private const string Text = "a sentence that is nowhere else";

    [Fact]
    public async Task A_message_that_is_given_back_too_often()
    {
        var poison = await SendAsync();
        for (var delivery = 1; delivery <= 10; delivery++)
        {
            Assert.Empty(Queue.Log.Lines);
            await Queue.Store.AbandonAsync(QueueFile.Queue, await Queue.ReceiveOneAsync());
        }

        await Queue.Store.SweepAsync();

        Assert.Equal(
            [$"Message poison of orders is dead-lettered after 10 deliveries: MaxDeliveryCountExceeded: The message was delivered 10 times and not completed. See orders/{poison}."],
            Queue.Log.Lines);
        Assert.Equal([LogLevel.Warning], Queue.Log.Levels);
    }

    [Fact]
    public async Task A_message_whose_process_was_killed_at_each_delivery()
    {
        await SendAsync();
        for (var delivery = 1; delivery <= 10; delivery++)
        {
            await Queue.ReceiveOneAsync();
            await Queue.ReopenAsync();
            await Queue.Store.ReleaseLocksAsync();
        }

        await using var file = new RuntimeFile(Queue.Path);
        await Task.WhenAll(Queue.Store.SweepAsync(), Queue.NewStore(file).SweepAsync(), Queue.Store.SweepAsync());

        Assert.Contains("Message poison of orders is dead-lettered after 10 deliveries: MaxDeliveryCountExceeded: ", Assert.Single(Queue.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_expired()
    {
        await SendAsync(TimeSpan.FromMinutes(5));
        await Queue.SendAsync("another");
        Queue.Clock.Advance(TimeSpan.FromMinutes(5));

        await Queue.Store.SweepAsync();
        await Queue.Store.SweepAsync();

        var line = Assert.Single(Queue.Log.Lines);
        Assert.Contains("poison of orders is dead-lettered after 0 deliveries: TTLExpiredException: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Text, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_message_that_a_function_gave_up_on_or_that_is_put_back()
    {
        await SendAsync();
        await Queue.Store.DeadLetterAsync(await Queue.ReceiveOneAsync(), "{}");
        await Queue.SendAsync("one");
        await Queue.Store.AbandonAsync(QueueFile.Queue, await Queue.ReceiveOneAsync());
        var letters = Queue.DeadLetterReceiver();
        for (var look = 1; look <= 12; look++)
        {
            await letters.AbandonMessageAsync(Assert.Single(await letters.ReceiveMessagesAsync(1)));
        }

        await Queue.Store.SweepAsync();

        Assert.Empty(Queue.Log.Lines);
    }

    private async Task<long> SendAsync(TimeSpan? life = null)
    {
        await Queue.Sender().SendMessageAsync(new ServiceBusMessage(Text) { MessageId = "poison", TimeToLive = life ?? TimeSpan.FromHours(1) });
        return await Queue.File.RunAsync(connection => connection.Query("SELECT max(sequence) FROM messages", row => row.GetInt64(0)).Single());
    }
}

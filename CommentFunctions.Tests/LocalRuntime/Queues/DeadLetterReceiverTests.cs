using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Queues;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

public sealed class DeadLetterReceiverTests : QueueFileTests
{
    private static readonly TimeSpan Lock = TimeSpan.FromMinutes(1);

    private ServiceBusReceiver Receiver => Queue.DeadLetterReceiver();

    [Fact]
    public async Task Dead_letters_are_peeked_in_order_and_page_by_page_without_being_locked()
    {
        await Queue.DeadLetterAsync("one", "two", "three");
        var receiver = Receiver;

        Assert.Equal(["one", "two"], Bodies(await receiver.PeekMessagesAsync(2)));
        Assert.Equal(["three"], Bodies(await receiver.PeekMessagesAsync(2)));
        Assert.Empty(await receiver.PeekMessagesAsync(2));
        Assert.Equal(["two", "three"], Bodies(await receiver.PeekMessagesAsync(10, 2)));
        Assert.Equal(3, (await receiver.ReceiveMessagesAsync(10)).Count);
        Assert.Equal(3, (await receiver.PeekMessagesAsync(10, 0)).Count);
    }

    [Fact]
    public async Task A_dead_letter_tells_its_reason_and_keeps_its_number()
    {
        await Queue.DeadLetterAsync("one");

        var message = Assert.Single(await Receiver.ReceiveMessagesAsync(10));

        Assert.Equal(
            ("Refused", "For a test.", 1L, 2, QueueFile.Start + Lock),
            (message.DeadLetterReason, message.DeadLetterErrorDescription, message.SequenceNumber, message.DeliveryCount, message.LockedUntil));
    }

    [Fact]
    public async Task A_received_dead_letter_is_hidden_until_it_is_given_back_or_its_lock_ends()
    {
        await Queue.DeadLetterAsync("one");
        var message = Assert.Single(await Receiver.ReceiveMessagesAsync(10));
        Assert.Empty(await Receiver.ReceiveMessagesAsync(10));

        await Receiver.AbandonMessageAsync(message);
        message = Assert.Single(await Receiver.ReceiveMessagesAsync(10));

        Queue.Clock.Advance(Lock);
        Assert.Equal("one", Assert.Single(await Receiver.ReceiveMessagesAsync(10)).Body.ToString());
        var lost = await Assert.ThrowsAsync<ServiceBusException>(() => Receiver.CompleteMessageAsync(message));
        Assert.Equal(ServiceBusFailureReason.MessageLockLost, lost.Reason);
        lost = await Assert.ThrowsAsync<ServiceBusException>(() => Receiver.AbandonMessageAsync(message));
        Assert.Equal(ServiceBusFailureReason.MessageLockLost, lost.Reason);
    }

    [Fact]
    public async Task A_completed_dead_letter_is_gone()
    {
        await Queue.DeadLetterAsync("one", "two");
        await Receiver.CompleteMessageAsync((await Receiver.ReceiveMessagesAsync(1))[0]);

        Queue.Clock.Advance(Lock);
        Assert.Equal(["two"], Bodies(await Receiver.PeekMessagesAsync(10)));
        Assert.Equal(new(0, 0, 1), await Queue.Store.CountAsync(QueueFile.Queue));
    }

    [Fact]
    public async Task A_dead_letter_does_not_expire_and_is_never_delivered_too_often()
    {
        await Queue.DeadLetterAsync("one");
        for (var i = 0; i < 20; i++)
        {
            await Receiver.AbandonMessageAsync(Assert.Single(await Receiver.ReceiveMessagesAsync(1)), new Dictionary<string, object> { ["seen"] = i });
        }

        Queue.Clock.Advance(TimeSpan.FromDays(30));
        await Queue.Store.SweepAsync();

        var message = Assert.Single(await Receiver.ReceiveMessagesAsync(1));
        Assert.Equal(("Refused", 19), (message.DeadLetterReason, message.ApplicationProperties["seen"]));
        Assert.Empty(await Queue.ReceiveAsync());
    }

    [Fact]
    public async Task The_dead_letters_of_queues_do_not_mix_with_each_other_nor_with_what_waits()
    {
        await Queue.DeadLetterAsync("dead");
        await Queue.SendAsync("waiting");

        Assert.Equal(["dead"], Bodies(await Receiver.ReceiveMessagesAsync(10)));
        Assert.Equal(["waiting"], await Queue.BodiesAsync());
        Assert.Empty(await Queue.DeadLetterReceiver("other").PeekMessagesAsync(10));
    }

    [Fact]
    public void There_is_no_second_way_to_receive_from_a_queue_itself() => Assert.Throws<NotSupportedException>(
        () => new LocalServiceBusClient(Queue.Store).CreateReceiver(QueueFile.Queue, new ServiceBusReceiverOptions()));

    private static IEnumerable<string> Bodies(IEnumerable<ServiceBusReceivedMessage> messages) => messages.Select(m => m.Body.ToString());
}

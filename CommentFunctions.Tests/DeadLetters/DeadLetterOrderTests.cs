using Azure.Messaging.ServiceBus;
using CommentFunctions.DeadLetters;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;

namespace CommentFunctions.Tests.DeadLetters;

/// <summary>
/// What is asked of a receiver, in which order. The other tests of the tools are on the local queue file; these hold for either host's
/// receiver, of which Azure's cannot be had here.
/// </summary>
public class DeadLetterOrderTests
{
    private readonly List<string> done = [];
    private readonly Mock<ServiceBusReceiver> receiver = new(MockBehavior.Strict);
    private readonly Mock<ServiceBusSender> sender = new();
    private Queue<int[]> batches = new([[1, 2, 3]]);

    public DeadLetterOrderTests()
    {
        receiver.Setup(r => r.PeekMessagesAsync(It.IsAny<int>(), It.IsAny<long?>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync((int most, long? from, CancellationToken _) =>
                [.. Enumerable.Range(1, 3).Where(number => number >= from).Take(most).Select(Message)]);
        receiver.Setup(r => r.ReceiveMessagesAsync(It.IsAny<int>(), It.IsAny<TimeSpan?>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(() => batches.TryDequeue(out var batch) ? [.. batch.Select(Message)] : []);
        receiver.Setup(r => r.CompleteMessageAsync(It.IsAny<ServiceBusReceivedMessage>(), It.IsAny<CancellationToken>()))
            .Returns((ServiceBusReceivedMessage message, CancellationToken _) => Do($"complete {message.SequenceNumber}"));
        receiver.Setup(r => r.AbandonMessageAsync(It.IsAny<ServiceBusReceivedMessage>(), null, It.IsAny<CancellationToken>()))
            .Returns((ServiceBusReceivedMessage message, IDictionary<string, object>? _, CancellationToken token) =>
                token.IsCancellationRequested ? Task.FromCanceled(token) : Do($"abandon {message.SequenceNumber}"));
        receiver.Setup(r => r.DisposeAsync()).Returns(() => new ValueTask(Do("close")));
        sender.Setup(s => s.SendMessageAsync(It.IsAny<ServiceBusMessage>(), It.IsAny<CancellationToken>()))
            .Returns((ServiceBusMessage message, CancellationToken _) => Do($"send {message.MessageId}"));
    }

    [Fact]
    public async Task A_dead_letter_is_sent_then_removed_then_the_others_are_given_back()
    {
        Assert.Equal(TakenDeadLetter.Taken, await Tools().ReplayAsync("q", 2, "key operate", default));

        Assert.Equal(["send replay:2:web:2", "complete 2"], done[..2]);
        Assert.Equal(["abandon 1", "abandon 3"], done[2..4].Order());
        Assert.Equal(["close"], done[4..]);
    }

    [Fact]
    public async Task What_was_replayed_is_reported_so_although_the_receiver_cannot_be_closed()
    {
        receiver.Setup(r => r.DisposeAsync()).Throws(new ServiceBusException("at ns.example", ServiceBusFailureReason.ServiceCommunicationProblem));

        Assert.Equal(TakenDeadLetter.Taken, await Tools().ReplayAsync("q", 2, "key operate", default));
        batches = new([[1, 2, 3]]);
        Assert.Equal(new("q", 3, 0, false), await Tools().ReplayAllAsync("q", "key operate", default));
    }

    [Fact]
    public async Task One_that_no_queue_takes_is_left_and_keeps_no_other_back()
    {
        sender.Setup(s => s.SendMessageAsync(It.Is<ServiceBusMessage>(m => m.MessageId == "replay:1:web:1"), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new ServiceBusException("too large", ServiceBusFailureReason.MessageSizeExceeded));

        Assert.Equal(new("q", 2, 1, false), await Tools().ReplayAllAsync("q", "key operate", default));

        Assert.Equal(["send replay:2:web:2", "complete 2", "send replay:3:web:3", "complete 3", "abandon 1", "close"], done);
    }

    [Fact]
    public async Task What_is_dropped_is_not_sent()
    {
        Assert.Equal(TakenDeadLetter.Taken, await Tools().DropAsync("q", 1, "key operate", default));

        Assert.Equal("complete 1", done[0]);
        Assert.DoesNotContain(done, d => d.StartsWith("send", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fewer_than_asked_for_do_not_end_the_search()
    {
        batches = new([[1], [2], [3]]);

        Assert.Equal(new("q", 3, 0, false), await Tools().ReplayAllAsync("q", "key operate", default));
    }

    [Fact]
    public async Task One_whose_lock_is_lost_after_the_sending_is_left_and_not_given_back()
    {
        receiver.Setup(r => r.CompleteMessageAsync(It.Is<ServiceBusReceivedMessage>(m => m.SequenceNumber == 2), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new ServiceBusException("lost", ServiceBusFailureReason.MessageLockLost));

        Assert.Equal(new("q", 2, 1, false), await Tools().ReplayAllAsync("q", "key operate", default));

        Assert.Equal(
            ["send replay:1:web:1", "complete 1", "send replay:2:web:2", "send replay:3:web:3", "complete 3", "close"], done);
    }

    [Fact]
    public async Task A_queue_that_cannot_be_reached_is_503_without_its_details()
    {
        receiver.Setup(r => r.PeekMessagesAsync(It.IsAny<int>(), It.IsAny<long?>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new ServiceBusException("at ns.example", ServiceBusFailureReason.ServiceCommunicationProblem));

        var problem = await Assert.ThrowsAsync<BadHttpRequestException>(() => Tools().ListAsync("q", 10, 0, default));

        Assert.Equal(503, problem.StatusCode);
        Assert.DoesNotContain("ns.example", problem.Message, StringComparison.Ordinal);
        Assert.Equal(["close"], done);
    }

    [Fact]
    public async Task What_is_held_is_given_back_also_when_the_caller_has_gone()
    {
        using var gone = new CancellationTokenSource();
        sender.Setup(s => s.SendMessageAsync(It.IsAny<ServiceBusMessage>(), It.IsAny<CancellationToken>()))
            .Returns(async () =>
            {
                await gone.CancelAsync();
                gone.Token.ThrowIfCancellationRequested();
            });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Tools().ReplayAllAsync("q", "key operate", gone.Token));

        Assert.Equal(["abandon 1", "abandon 2", "abandon 3"], done[..^1].Order());
    }

    private static ServiceBusReceivedMessage Message(int number) => ServiceBusModelFactory.ServiceBusReceivedMessage(
        body: BinaryData.FromString("body"), messageId: $"web:{number}", sequenceNumber: number, lockTokenGuid: Guid.NewGuid());

    private Task Do(string what)
    {
        lock (done)
        {
            done.Add(what);
        }

        return Task.CompletedTask;
    }

    private DeadLetterTools Tools()
    {
        var client = new Mock<ServiceBusClient>();
        client.Setup(c => c.CreateSender("q")).Returns(sender.Object);
        client.Setup(c => c.CreateReceiver("q", It.Is<ServiceBusReceiverOptions>(o => o.SubQueue == SubQueue.DeadLetter))).Returns(receiver.Object);
        var lazy = new Lazy<ServiceBusClient>(() => client.Object);
        return new(
            lazy,
            new QueueSender(lazy),
            new DeadLetterReceiver(new FakeTimeProvider(), NullLogger<DeadLetterReceiver>.Instance),
            NullLogger<DeadLetterTools>.Instance);
    }
}

using Azure.Messaging.ServiceBus;
using CommentFunctions.DeadLetters;
using CommentFunctions.Queues;
using CommentFunctions.Tests.LocalRuntime.Queues;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;
using Functions.LocalRuntime.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CommentFunctions.Tests.Hosts;

/// <summary>The operator's tools on a real queue file.</summary>
public sealed class DeadLetterToolsTests : QueueFileTests
{
    private const string Orders = QueueFile.Queue;

    [Fact]
    public async Task Dead_letters_are_listed_with_their_reason_and_in_pages()
    {
        await Queue.DeadLetterAsync("one", "two", "three");

        var first = await Tools().ListAsync(Orders, 2, 0, default);
        var second = await Tools().ListAsync(Orders, 2, first.Next!.Value, default);

        Assert.Equal([1L, 2L], first.DeadLetters.Select(d => d.SequenceNumber));
        Assert.Equal(
            (Orders, 3L, "Refused", "For a test.", QueueFile.Start, 1),
            second.DeadLetters.Select(d => (d.Queue, d.SequenceNumber, d.Reason, d.Description, d.EnqueuedAt, d.DeliveryCount)).Single());
        Assert.Null(second.Next);
        Assert.Empty((await Tools().ListAsync("other", 2, 0, default)).DeadLetters);
    }

    [Fact]
    public async Task A_replayed_message_is_delivered_again_and_the_others_stay_where_they_are()
    {
        // In the window in which its MessageId is known.
        await Queue.DeadLetterAsync("one", "two", "three");
        var id = (await Tools().ListAsync(Orders, 9, 2, default)).DeadLetters[0].MessageId;

        Assert.Equal(TakenDeadLetter.Taken, await Tools().ReplayAsync(Orders, 2, "key operate", default));

        var message = await Queue.ReceiveOneAsync();
        Assert.Equal(("two", 1, id), (message.Body.ToString(), message.DeliveryCount, message.OriginalId()));
        Assert.NotEqual(id, message.MessageId);
        Assert.Null(message.DeadLetterReason);
        Assert.Equal(["one", "three"], (await Queue.DeadLetterReceiver().ReceiveMessagesAsync(9)).Select(m => m.Body.ToString()));
    }

    [Fact]
    public async Task A_message_that_is_given_up_on_again_keeps_its_first_id_and_loses_its_count_of_attempts()
    {
        await Queue.Sender().SendMessageAsync(new("body")
        {
            MessageId = "telegram:" + new string('7', 119),
            ContentType = "application/json",
            Subject = "subject",
            CorrelationId = "correlation",
            ApplicationProperties = { ["attempt"] = 5 },
        });
        await Queue.DeadLetterWaitingAsync();
        await Tools().ReplayAsync(Orders, 1, "key operate", default);
        await Queue.DeadLetterWaitingAsync();
        await Tools().ReplayAsync(Orders, 2, "key operate", default);

        var message = await Queue.ReceiveOneAsync();

        Assert.Equal("telegram:" + new string('7', 119), message.OriginalId());
        Assert.StartsWith("replay:2:telegram:", message.MessageId, StringComparison.Ordinal);
        Assert.Equal(("application/json", "subject", "correlation"), (message.ContentType, message.Subject, message.CorrelationId));
        Assert.DoesNotContain("attempt", message.ApplicationProperties.Keys);
    }

    [Fact]
    public async Task What_is_not_there_is_neither_replayed_nor_dropped()
    {
        await Queue.DeadLetterAsync("one", "two", "three");
        await Tools().DropAsync(Orders, 2, "key operate", default);
        await Queue.SendAsync("waiting");

        Assert.Equal(TakenDeadLetter.NotThere, await Tools().ReplayAsync(Orders, 2, "key operate", default));
        Assert.Equal(TakenDeadLetter.NotThere, await Tools().DropAsync(Orders, 4, "key operate", default));
        Assert.Equal(TakenDeadLetter.NotThere, await Tools().DropAsync("other", 1, "key operate", default));
        Assert.Equal(new(1, 0, 2), await Queue.Store.CountAsync(Orders));
    }

    [Fact]
    public async Task A_dropped_message_is_gone_and_not_delivered()
    {
        await Queue.DeadLetterAsync("one", "two");

        Assert.Equal(TakenDeadLetter.Taken, await Tools().DropAsync(Orders, 1, "key operate", default));

        Assert.Equal(new(0, 0, 1), await Queue.Store.CountAsync(Orders));
    }

    [Fact]
    public async Task One_behind_many_others_is_found_and_the_others_are_given_back_at_once()
    {
        await Queue.DeadLetterAsync(Enumerable.Range(1, 150).Select(i => $"{i}"));

        Assert.Equal(TakenDeadLetter.Taken, await Tools().ReplayAsync(Orders, 140, "key operate", default));

        Assert.Equal("140", (await Queue.ReceiveOneAsync()).Body.ToString());
        Assert.Equal(149, (await Queue.DeadLetterReceiver().ReceiveMessagesAsync(200)).Count);
    }

    [Fact]
    public async Task One_behind_more_than_may_be_held_is_out_of_reach_and_the_others_are_given_back()
    {
        await Queue.DeadLetterAsync(Enumerable.Range(1, DeadLetterReceiver.MostHeld + 100).Select(i => $"{i}"));

        Assert.Equal(TakenDeadLetter.OutOfReach, await Tools().DropAsync(Orders, DeadLetterReceiver.MostHeld + 100, "key operate", default));

        Assert.Equal(DeadLetterReceiver.MostHeld + 100, (await Queue.Store.CountAsync(Orders)).DeadLettered);
        Assert.Equal(TakenDeadLetter.Taken, await Tools().DropAsync(Orders, 1, "key operate", default));
    }

    [Fact]
    public async Task What_another_run_holds_is_out_of_reach_until_that_run_is_over()
    {
        await Queue.DeadLetterAsync("one");
        await Queue.DeadLetterReceiver().ReceiveMessagesAsync(1);

        Assert.Equal(TakenDeadLetter.OutOfReach, await Tools().ReplayAsync(Orders, 1, "key operate", default));
        Assert.Equal(TakenDeadLetter.OutOfReach, await Tools().DropAsync(Orders, 1, "key operate", default));

        Queue.Clock.Advance(Queue.Options.LockDuration);
        Assert.Equal(TakenDeadLetter.Taken, await Tools().ReplayAsync(Orders, 1, "key operate", default));
    }

    [Fact]
    public async Task All_are_replayed_except_those_that_another_run_holds()
    {
        await Queue.DeadLetterAsync(Enumerable.Range(1, 100).Select(i => $"{i}"));
        await Queue.DeadLetterReceiver().ReceiveMessagesAsync(10);

        Assert.Equal(new(Orders, 90, 10, false), await Tools().ReplayAllAsync(Orders, "key operate", default));

        Assert.Equal(Enumerable.Range(11, 90).Select(i => $"{i}"), await Queue.BodiesAsync());
        Assert.Equal(new(90, 0, 10), await Queue.Store.CountAsync(Orders));
    }

    [Fact]
    public async Task One_call_replays_a_thousand_and_says_that_there_are_more()
    {
        await Queue.DeadLetterAsync(Enumerable.Range(1, DeadLetterTools.MostAtOnce + 1).Select(i => $"{i}"));

        Assert.Equal(new(Orders, DeadLetterTools.MostAtOnce, 0, true), await Tools().ReplayAllAsync(Orders, "key operate", default));
        Assert.Equal(new(Orders, 1, 0, false), await Tools().ReplayAllAsync(Orders, "key operate", default));
    }

    [Fact]
    public async Task Messages_that_fail_at_once_again_are_not_replayed_for_ever()
    {
        await Queue.DeadLetterAsync("one", "two");
        var tools = Tools(async (sender, message) =>
        {
            await sender.SendMessageAsync(message);
            await Queue.DeadLetterWaitingAsync();
        });

        Assert.Equal(new(Orders, 2, 0, false), await tools.ReplayAllAsync(Orders, "key operate", default));

        Assert.Equal(["one", "two"], (await Queue.DeadLettersAsync()).Select(d => d.Body));
    }

    [Fact]
    public async Task A_dead_letter_that_could_not_be_sent_stays_and_can_be_replayed_at_once()
    {
        await Queue.DeadLetterAsync("one", "two", "three");
        var sent = 0;
        var broken = Tools((sender, message) => ++sent == 2 ? throw new IOException("disk full at /srv") : sender.SendMessageAsync(message));

        var problem = await Assert.ThrowsAsync<BadHttpRequestException>(() => broken.ReplayAllAsync(Orders, "key operate", default));

        Assert.Equal(503, problem.StatusCode);
        Assert.Contains("after 1 dead letters were sent again", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("/srv", problem.Message, StringComparison.Ordinal);
        Assert.Equal(new(1, 0, 2), await Queue.Store.CountAsync(Orders));
        Assert.Equal(new(Orders, 2, 0, false), await Tools().ReplayAllAsync(Orders, "key operate", default));
    }

    [Fact]
    public async Task A_failure_after_the_sending_does_not_make_two_messages_of_one()
    {
        await Queue.DeadLetterAsync("one");
        var interrupted = Tools(async (sender, message) =>
        {
            await sender.SendMessageAsync(message);
            throw new TimeoutException();
        });

        await Assert.ThrowsAsync<BadHttpRequestException>(() => interrupted.ReplayAsync(Orders, 1, "key operate", default));
        Assert.Equal(new(1, 0, 1), await Queue.Store.CountAsync(Orders));
        Assert.Equal(TakenDeadLetter.Taken, await Tools().ReplayAsync(Orders, 1, "key operate", default));

        Assert.Equal(new(1, 0, 0), await Queue.Store.CountAsync(Orders));
    }

    [Fact]
    public async Task A_caller_who_goes_away_leaves_nothing_locked()
    {
        await Queue.DeadLetterAsync(Enumerable.Range(1, 50).Select(i => $"{i}"));
        using var gone = new CancellationTokenSource();
        var tools = Tools(async (sender, message) =>
        {
            await sender.SendMessageAsync(message);
            await gone.CancelAsync();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tools.ReplayAllAsync(Orders, "key operate", gone.Token));

        Assert.Equal(50, (await Queue.DeadLetterReceiver().ReceiveMessagesAsync(100)).Count + await CompletedAsync());
        async Task<long> CompletedAsync() => 50 - (await Queue.Store.CountAsync(Orders)).DeadLettered;
    }

    [Fact]
    public async Task The_log_says_what_was_done_and_nothing_of_a_text()
    {
        using var lines = new LogLines(typeof(DeadLetterTools).FullName!);
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(lines));
        await Queue.Sender().SendMessagesAsync([new("hers alone") { MessageId = "web:1" }, new("hers alone") { MessageId = "web:2" }]);
        await Queue.DeadLetterWaitingAsync();

        await Tools(logger: factory.CreateLogger<DeadLetterTools>()).ReplayAsync(Orders, 1, "key operate", default);
        await Tools(logger: factory.CreateLogger<DeadLetterTools>()).DropAsync(Orders, 2, "key operate", default);

        Assert.Equal(["Dead letter 1 of orders (web:1) was sent again by key operate.", "Dead letter 2 of orders (web:2) is dropped by key operate."], lines.Lines);
    }

    private DeadLetterTools Tools(
        Func<ServiceBusSender, ServiceBusMessage, Task>? send = null, ILogger<DeadLetterTools>? logger = null)
    {
        ServiceBusClient client = new LocalServiceBusClient(Queue.Store);
        var sending = new Lazy<ServiceBusClient>(() => send is null ? client : new Sending(client, send));
        return new(
            new(() => client),
            new QueueSender(sending),
            new DeadLetterReceiver(Queue.Clock, NullLogger<DeadLetterReceiver>.Instance),
            logger ?? NullLogger<DeadLetterTools>.Instance);
    }

    /// <summary>A client to whose sends something happens.</summary>
    private sealed class Sending(ServiceBusClient inner, Func<ServiceBusSender, ServiceBusMessage, Task> send) : ServiceBusClient
    {
        public override ServiceBusSender CreateSender(string queueOrTopicName) => new Sender(inner.CreateSender(queueOrTopicName), send);

        private sealed class Sender(ServiceBusSender inner, Func<ServiceBusSender, ServiceBusMessage, Task> send) : ServiceBusSender
        {
            public override Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default) => send(inner, message);
        }
    }
}

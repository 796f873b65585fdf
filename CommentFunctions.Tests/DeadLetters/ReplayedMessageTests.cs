using System.Text.Json;
using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Data;
using CommentFunctions.DeadLetters;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.DeadLetters;

/// <summary>What a replayed message is to the bot.</summary>
public class ReplayedMessageTests
{
    [Fact]
    public async Task The_reply_to_a_replayed_message_is_the_reply_to_the_message()
    {
        await using var app = await TestApp.StartAsync();
        var asked = QueueJson.Write("web:1", new BotMessage("web", "c", "c", "ann", app.Clock.Now));
        await app.AnswerAsync(Delivered(asked));
        await app.AnswerAsync(Delivered(DeadLetterTools.CopyOf(Delivered(asked, 7))));
        var (first, second) = (app.Sent.To(QueueNames.Replies)[0], app.Sent.To(QueueNames.Replies)[1]);

        // The queue would drop the second reply; later than its window, the record of the first one's delivery does.
        Assert.Equal(first.MessageId, second.MessageId);
        await app.DeliverAsync(first);
        await app.DeliverAsync(second);

        var turn = Assert.Single(await app.WithAsync<CommentDbContext, List<ConversationExchange>>(db => db.ConversationExchanges.ToListAsync()));
        Assert.Equal("web:1", turn.Id);
    }

    [Fact]
    public async Task A_replayed_reply_is_delivered_once()
    {
        await using var app = await TestApp.StartAsync();
        var reply = await app.AnswerAsync("ann");

        await app.DeliverAsync(Delivered(DeadLetterTools.CopyOf(Delivered(reply, 3))));
        await app.DeliverAsync(Delivered(DeadLetterTools.CopyOf(Delivered(reply, 4))));

        Assert.Equal(1, await app.WithAsync<CommentDbContext, int>(db => db.ConversationExchanges.CountAsync()));
    }

    [Fact]
    public void One_dead_letter_has_one_replay_and_another_dead_letter_has_another()
    {
        var dead = Delivered(new ServiceBusMessage("body") { MessageId = "web:1" }, 7);

        Assert.Equal("replay:7:web:1", DeadLetterTools.CopyOf(dead).MessageId);
        Assert.Equal("replay:8:web:1", DeadLetterTools.CopyOf(Delivered(DeadLetterTools.CopyOf(dead), 8)).MessageId);
        Assert.Equal(128, DeadLetterTools.CopyOf(Delivered(new ServiceBusMessage("body") { MessageId = new string('x', 128) }, 9)).MessageId!.Length);
    }

    [Fact]
    public void A_body_that_is_no_bytes_is_sent_as_it_is()
    {
        var dead = Delivered(new ServiceBusMessage { MessageId = "web:1" }, 7);
        dead.GetRawAmqpMessage().Body = AmqpMessageBody.FromValue("text");

        var body = DeadLetterTools.CopyOf(dead).GetRawAmqpMessage().Body;

        Assert.True(body.TryGetValue(out var value));
        Assert.Equal("text", value);
    }

    [Fact]
    public async Task A_body_that_is_no_bytes_is_given_up_on_at_its_first_delivery()
    {
        await using var app = await TestApp.StartAsync();
        var message = Delivered(new ServiceBusMessage { MessageId = "web:1" });
        message.GetRawAmqpMessage().Body = AmqpMessageBody.FromValue("text");

        Assert.Equal("MalformedMessage", (await app.AnswerAsync(message))?.Reason);
    }

    [Fact]
    public async Task A_message_that_was_sent_without_an_id_has_one_reply_also_when_it_is_replayed()
    {
        await using var app = await TestApp.StartAsync();
        var dead = Delivered(new ServiceBusMessage(QueueJson.Write("x", new BotMessage("web", "c", "c", "ann", app.Clock.Now)).Body), 7);

        await app.AnswerAsync(dead);
        await app.AnswerAsync(Delivered(DeadLetterTools.CopyOf(dead), 12));
        var sent = app.Sent.To(QueueNames.Replies);

        Assert.Equal("replay:7:sequence:7", DeadLetterTools.CopyOf(dead).MessageId);
        Assert.Equal("sequence:7", DeadLetterView.Of("bot-messages", dead).MessageId);
        Assert.NotEmpty(sent[0].MessageId);
        Assert.Equal(sent[0].MessageId, sent[1].MessageId);
    }

    [Fact]
    public void A_list_has_nothing_of_the_body()
    {
        var dead = Delivered(new ServiceBusMessage("hers alone") { MessageId = "web:1" }, 7);

        var line = JsonSerializer.Serialize(DeadLetterView.Of("bot-replies", dead), ApiJson.Writing);

        Assert.Equal(
            """{"queue":"bot-replies","sequenceNumber":7,"messageId":"web:1","enqueuedAt":"0001-01-01T00:00:00+00:00","deliveryCount":1}""", line);
    }

    private static ServiceBusReceivedMessage Delivered(ServiceBusMessage sent, long sequenceNumber = 1) => ServiceBusModelFactory.ServiceBusReceivedMessage(
        body: sent.Body,
        messageId: sent.MessageId,
        properties: sent.ApplicationProperties,
        sequenceNumber: sequenceNumber,
        deliveryCount: 1);
}

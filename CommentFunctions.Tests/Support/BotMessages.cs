using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Expiry;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using Microsoft.Azure.Functions.Worker;
using Moq;

namespace CommentFunctions.Tests.Support;

/// <summary>Queue messages as the bot's functions receive them, and what the functions do with them.</summary>
public static class BotMessages
{
    public static ServiceBusReceivedMessage Received(string body, string id = "web:1") => ServiceBusModelFactory.ServiceBusReceivedMessage(
        body: BinaryData.FromString(body), messageId: id, deliveryCount: 1);

    public static ServiceBusReceivedMessage Received(ServiceBusMessage sent, int delivery = 1) => ServiceBusModelFactory.ServiceBusReceivedMessage(
        body: sent.Body, messageId: sent.MessageId, properties: sent.ApplicationProperties, deliveryCount: delivery);

    /// <summary>A first attempt, of which nobody remembers anything.</summary>
    public static MessageAttempt Attempt() => new(Received("{}"), DateTimeOffset.UnixEpoch);

    /// <summary>Puts a message to the bot through its two functions; the text of the reply that was sent.</summary>
    public static async Task<string> AskAsync(this TestApp app, string text, string conversation = "c", string id = "web:1")
    {
        var reply = await app.AnswerAsync(text, conversation, id);
        await app.DeliverAsync(reply);
        return reply.Body.ToObjectFromJson<BotReply>(ApiJson.Reading)!.Text;
    }

    /// <summary>Lets the bot answer a message; the reply that it sent.</summary>
    public static async Task<ServiceBusMessage> AnswerAsync(this TestApp app, string text, string conversation = "c", string id = "web:1")
    {
        var asked = QueueJson.Write(id, new BotMessage("web", conversation, conversation, text, app.Clock.Now));
        await app.AnswerAsync(Received(asked));
        return app.Sent.To(QueueNames.Replies)[^1];
    }

    public static Task<DeadLetter?> AnswerAsync(this TestApp app, ServiceBusReceivedMessage message) =>
        app.WithAsync<AnswerBotMessage, DeadLetter?>(function => SettledAsync(message, actions => function.RunAsync(message, actions, default)));

    public static Task<DeadLetter?> DeliverAsync(this TestApp app, ServiceBusMessage reply) => app.DeliverAsync(Received(reply));

    public static Task<DeadLetter?> DeliverAsync(this TestApp app, ServiceBusReceivedMessage message) =>
        app.WithAsync<DeliverBotReply, DeadLetter?>(function => SettledAsync(message, actions => function.RunAsync(message, actions, default)));

    /// <summary>Gives a message to the function that starts runs of the expiry job.</summary>
    public static Task<DeadLetter?> StartRunAsync(this TestApp app, ServiceBusReceivedMessage message) =>
        app.WithAsync<RunExpiry, DeadLetter?>(function => SettledAsync(message, actions => function.RunAsync(message, actions, default)));

    // Strict: completing or abandoning a message, which is the host's to do, fails the test.
    private static async Task<DeadLetter?> SettledAsync(ServiceBusReceivedMessage message, Func<ServiceBusMessageActions, Task> run)
    {
        DeadLetter? settled = null;
        var actions = new Mock<ServiceBusMessageActions>(MockBehavior.Strict);
        actions
            .Setup(a => a.DeadLetterMessageAsync(
                message, It.IsAny<Dictionary<string, object>?>(), It.IsAny<string?>(), It.IsAny<string?>(), It.IsAny<CancellationToken>()))
            .Callback((ServiceBusReceivedMessage _, Dictionary<string, object>? _, string? reason, string? description, CancellationToken _) =>
                settled = new(reason, description))
            .Returns(Task.CompletedTask);
        await run(actions.Object);
        return settled;
    }
}

/// <summary>Why a message was dead-lettered.</summary>
public sealed record DeadLetter(string? Reason, string? Description);

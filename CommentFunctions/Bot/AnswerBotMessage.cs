using Azure.Messaging.ServiceBus;
using CommentFunctions.Queues;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Bot;

/// <summary>Answers each message to the bot: sends the reply to the queue, and leaves it to the host to complete the message.</summary>
public sealed class AnswerBotMessage(CommentBot bot, BotChannels channels, QueueSender sender, FailurePolicy policy)
{
    [Function(nameof(AnswerBotMessage))]
    public Task RunAsync(
        [ServiceBusTrigger(QueueNames.Messages, Connection = QueueNames.Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        policy.RunAsync(
            QueueNames.Messages,
            message,
            actions,
            async (attempt, cancel) =>
            {
                var asked = QueueJson.Read<BotMessage>(message);
                channels.Require(attempt.Channel = asked.Channel);
                var reply = await bot.AnswerAsync(attempt.Id, asked, cancel);
                await sender.SendAsync(QueueNames.Replies, QueueJson.Write(reply.Id, reply), cancel);
            },
            cancellationToken);
}

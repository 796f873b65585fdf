using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Bot;

/// <summary>Answers each message to the bot: sends the reply to the queue, and leaves it to the host to complete the message.</summary>
public sealed class AnswerBotMessage(CommentBot bot, BotChannels channels, BotSender sender, FailurePolicy policy)
{
    /// <summary>Runs for each message.</summary>
    [Function(nameof(AnswerBotMessage))]
    public Task RunAsync(
        [ServiceBusTrigger(BotQueues.Messages, Connection = BotQueues.Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        policy.RunAsync(
            BotQueues.Messages,
            message,
            actions,
            async (attempt, cancel) =>
            {
                var asked = QueueJson.Read<BotMessage>(message);
                channels.Require(attempt.Channel = asked.Channel);
                await sender.SendAsync(await bot.AnswerAsync(attempt.Id, asked, cancel), cancel);
            },
            cancellationToken);
}

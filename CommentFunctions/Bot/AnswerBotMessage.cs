using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Bot;

/// <summary>Answers each message to the bot: sends the reply to the queue, and leaves it to the host to complete the message.</summary>
public sealed class AnswerBotMessage(CommentBot bot, BotChannels channels, BotSender sender)
{
    /// <summary>Runs for each message.</summary>
    [Function(nameof(AnswerBotMessage))]
    public async Task RunAsync(
        [ServiceBusTrigger(BotQueues.Messages, Connection = BotQueues.Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (QueueJson.TryRead<BotMessage>(message, out var problem) is not { } asked)
        {
            await actions.DeadLetterMalformedAsync(message, problem, cancellationToken);
        }
        else if (channels.Find(asked.Channel) is null)
        {
            await actions.DeadLetterUnknownChannelAsync(message, cancellationToken);
        }
        else
        {
            await sender.SendAsync(await bot.AnswerAsync(message.OriginalId(), asked, cancellationToken), cancellationToken);
        }
    }
}

using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Bot;

/// <summary>Delivers each reply of the bot by the channel that its message came by.</summary>
public sealed class DeliverBotReply(ReplyDelivery delivery, BotChannels channels, ReplyRetries retries)
{
    /// <summary>Runs for each reply.</summary>
    [Function(nameof(DeliverBotReply))]
    public async Task RunAsync(
        [ServiceBusTrigger(BotQueues.Replies, Connection = BotQueues.Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken)
    {
        if (QueueJson.TryRead<BotReply>(message, out var problem) is not { } reply)
        {
            await actions.DeadLetterMalformedAsync(message, problem, cancellationToken);
        }
        else if (channels.Find(reply.Message.Channel) is not { } channel)
        {
            await actions.DeadLetterUnknownChannelAsync(message, cancellationToken);
        }
        else
        {
            try
            {
                await delivery.DeliverAsync(reply, channel, cancellationToken);
            }
            catch (ChannelRefusedException refusal)
            {
                await actions.DeadLetterRefusedAsync(message, refusal, cancellationToken);
            }
            catch (ChannelBusyException failure)
            {
                await retries.PostponeAsync(message, actions, reply, failure, cancellationToken);
            }
        }
    }
}

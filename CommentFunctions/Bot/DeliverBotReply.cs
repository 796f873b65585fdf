using Azure.Messaging.ServiceBus;
using CommentFunctions.Telemetry;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Bot;

/// <summary>Delivers each reply of the bot by the channel that its message came by.</summary>
public sealed class DeliverBotReply(
    ReplyDelivery delivery, BotChannels channels, ReplyRetries retries, BotReplyMetrics metrics)
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
            metrics.Count(TelemetryNames.DeadLettered);
        }
        else if (channels.Find(reply.Message.Channel) is not { } channel)
        {
            await actions.DeadLetterUnknownChannelAsync(message, cancellationToken);
            metrics.Count(TelemetryNames.DeadLettered);
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
                metrics.Count(TelemetryNames.DeadLettered, channel);
            }
            catch (ChannelBusyException failure)
            {
                var postponed = await retries.PostponeAsync(message, actions, reply, failure, cancellationToken);
                metrics.Count(postponed ? TelemetryNames.Retried : TelemetryNames.DeadLettered, channel);
            }
        }
    }
}

using Azure.Messaging.ServiceBus;
using CommentFunctions.Queues;
using CommentFunctions.Telemetry;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Bot;

/// <summary>Delivers each reply of the bot by the channel that its message came by, and takes what channels say of deliveries later.</summary>
public sealed class DeliverBotReply(
    ReplyDelivery delivery, UndeliveredReplies undelivered, BotChannels channels, FailurePolicy policy, BotReplyMetrics metrics)
{
    [Function(nameof(DeliverBotReply))]
    public async Task RunAsync(
        [ServiceBusTrigger(QueueNames.Replies, Connection = QueueNames.Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken)
    {
        IBotChannel? channel = null;
        var outcome = await policy.RunAsync(
            QueueNames.Replies,
            message,
            actions,
            async (attempt, cancel) =>
            {
                var reply = QueueJson.Read<BotReply>(message);
                channel = channels.Require(attempt.Channel = reply.Message.Channel);
                await (DeliveryFailure.Of(message) is { } failure
                    ? undelivered.RecordAsync(failure, reply, channel, attempt, cancel)
                    : delivery.DeliverAsync(reply, channel, attempt, cancel));
            },
            cancellationToken);
        if (outcome != MessageOutcome.Done)
        {
            metrics.Count(outcome == MessageOutcome.Postponed ? TelemetryNames.Retried : TelemetryNames.DeadLettered, channel);
        }
    }
}

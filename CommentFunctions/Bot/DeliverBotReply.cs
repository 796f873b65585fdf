using Azure.Messaging.ServiceBus;
using CommentFunctions.Data;
using CommentFunctions.Queues;
using CommentFunctions.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

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
            metrics.Count(outcome == MessageOutcome.Postponed ? TelemetryNames.Retried : TelemetryNames.DeadLettered, channel?.Name);
        }
    }
}

/// <summary>Delivers a reply once, however often the queue brings it.</summary>
public sealed partial class ReplyDelivery(
    CommentDbContext db,
    DeliveryRecords records,
    CommentBot bot,
    ChannelSends sends,
    BotReplyMetrics metrics,
    Retention retention,
    ILogger<ReplyDelivery> logger)
{
    /// <summary>
    /// Sends the reply by its channel and records that; what an earlier attempt sent is recorded only. One that quotes a
    /// comment is asked for again first: the comment may have expired or been erased since.
    /// </summary>
    /// <param name="reply">The reply.</param>
    /// <param name="channel">Its channel.</param>
    /// <param name="attempt">Marked once the reply is sent, so that a later attempt only records it.</param>
    /// <param name="cancellationToken">Ends the attempt, until the reply is sent.</param>
    /// <exception cref="TransientChannelException">The channel cannot take it yet, or another attempt to send it is under way.</exception>
    public async Task DeliverAsync(BotReply reply, IBotChannel channel, MessageAttempt attempt, CancellationToken cancellationToken)
    {
        // What is sent is recorded, also while the app stops. It may be recorded already, by another attempt at the same time.
        if (await records.ContainsAsync(db, reply.Id, cancellationToken)
            || (!attempt.IsSent && !await SendAsync(reply, channel, attempt, cancellationToken))
            || !await records.RecordAsync(db, reply.Id, attempt.IsSent ? CancellationToken.None : cancellationToken))
        {
            Log.Repeat(logger, reply.Id);
            metrics.Count(TelemetryNames.Repeat, channel.Name);
            return;
        }

        metrics.Count(TelemetryNames.Delivered, channel.Name);
    }

    /// <summary>Sends the reply; false where another attempt has delivered it since.</summary>
    private async Task<bool> SendAsync(BotReply reply, IBotChannel channel, MessageAttempt attempt, CancellationToken cancellationToken)
    {
        if (channel.IsInStore)
        {
            await sends.SendAsync(channel, await CurrentAsync(reply, cancellationToken), cancellationToken);
            return true;
        }

        if (await records.ClaimAsync(db, reply.Id, cancellationToken) is not { } claim)
        {
            return false;
        }

        try
        {
            var current = await CurrentAsync(reply, cancellationToken);
            records.RequireFresh(claim);
            await sends.SendAsync(channel, current, cancellationToken);
            attempt.IsSent = true;
            return true;
        }
        catch
        {
            await ReleaseAsync(reply, claim);
            throw;
        }
    }

    // Nothing is awaited between the last look and the send.
    private async Task<BotReply> CurrentAsync(BotReply reply, CancellationToken cancellationToken)
    {
        if (reply.QuotedCommentCreatedAt is null)
        {
            return reply;
        }

        // The comment may have been erased since.
        do
        {
            reply = await bot.AnswerAsync(reply.InReplyTo, reply.Message, cancellationToken);
        }
        while (reply.QuotedCommentCreatedAt is { } createdAt && retention.HasExpired(createdAt));
        return reply;
    }

    private async Task ReleaseAsync(BotReply reply, DeliveredReply claim)
    {
        try
        {
            await DeliveryRecords.ReleaseAsync(db, claim);
        }
        catch (Exception e)
        {
            // The claim ends by itself, and the caller needs the channel's failure, not this one.
            Log.NotReleased(logger, e, reply.Id, DeliveryRecords.ClaimLifetime);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Reply {Id} was delivered before; the repeat is dropped.")]
        public static partial void Repeat(ILogger logger, string id);

        [LoggerMessage(2, LogLevel.Warning, "The claim on reply {Id} could not be given back; no other attempt sends it for {Lifetime}.")]
        public static partial void NotReleased(ILogger logger, Exception exception, string id, TimeSpan lifetime);
    }
}

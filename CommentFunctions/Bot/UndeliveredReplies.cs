using Azure.Messaging.ServiceBus;
using CommentFunctions.Data;
using CommentFunctions.Queues;
using CommentFunctions.Telemetry;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Bot;

/// <summary>
/// A service's report that it could not deliver a reply that it had taken. It comes by the queue of replies: with a reply to send in its
/// place where the cause can be corrected, else with the reply that failed.
/// </summary>
/// <param name="ReplyId">The reply that was not delivered.</param>
/// <param name="Why">What the service says, in a sentence without a text of the conversation and without a secret.</param>
public sealed record DeliveryFailure(string ReplyId, string Why)
{
    // A replay leaves properties behind: it sends the reply.
    private const string ReplyProperty = "undelivered";
    private const string WhyProperty = "undelivered-why";

    /// <summary>The message to send; the queue drops a repeat.</summary>
    public ServiceBusMessage Write(BotReply reply)
    {
        var message = QueueJson.Write(DeliveredReply.FailureOf(ReplyId), reply);
        message.ApplicationProperties[ReplyProperty] = ReplyId;
        message.ApplicationProperties[WhyProperty] = Why;
        return message;
    }

    /// <summary>What the message says; null for one that is a reply to send.</summary>
    public static DeliveryFailure? Of(ServiceBusReceivedMessage message) =>
        message.ApplicationProperties.GetValueOrDefault(ReplyProperty) is string reply
            ? new(reply, message.ApplicationProperties.GetValueOrDefault(WhyProperty) as string ?? "The channel could not deliver it.")
            : null;
}

/// <summary>Records what a service took and could not deliver.</summary>
public sealed partial class UndeliveredReplies(
    CommentDbContext db, DeliveryRecords records, BotReplyMetrics metrics, ILogger<UndeliveredReplies> logger)
{
    /// <summary>Records and counts the failure once.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="reply">The reply that came with it.</param>
    /// <param name="channel">Its channel.</param>
    /// <param name="attempt">The attempt to do this.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="PermanentChannelException">The cause can be corrected, and the reply be replayed then.</exception>
    public async Task RecordAsync(
        DeliveryFailure failure, BotReply reply, IBotChannel channel, MessageAttempt attempt, CancellationToken cancellationToken)
    {
        var isNew = await records.RecordAsync(db, DeliveredReply.FailureOf(failure.ReplyId), cancellationToken);
        if (isNew)
        {
            metrics.Count(TelemetryNames.Undelivered, channel.Name);
        }
        else if (attempt is { Failures: 1, Postponed: 0 })
        {
            // A further attempt goes on: the one before it may have died after the record.
            Log.Repeat(logger, failure.ReplyId);
            return;
        }

        if (reply.Id != failure.ReplyId)
        {
            throw new PermanentChannelException(PermanentChannelException.Undelivered, failure.Why);
        }

        Log.Undelivered(logger, failure.ReplyId, failure.Why);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Reply {Id} did not arrive: {Why}")]
        public static partial void Undelivered(ILogger logger, string id, string why);

        [LoggerMessage(2, LogLevel.Information, "That reply {Id} did not arrive is known; the repeat is dropped.")]
        public static partial void Repeat(ILogger logger, string id);
    }
}

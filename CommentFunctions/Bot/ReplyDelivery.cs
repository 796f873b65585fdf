using CommentFunctions.Data;
using CommentFunctions.Queues;
using CommentFunctions.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Bot;

/// <summary>Delivers a reply once, however often the queue brings it.</summary>
public sealed partial class ReplyDelivery(
    CommentDbContext db,
    DeliveryRecords delivered,
    CommentBot bot,
    ChannelSends sends,
    BotReplyMetrics metrics,
    Retention retention,
    ILogger<ReplyDelivery> logger)
{
    /// <summary>
    /// Sends the reply by its channel and records that; what an earlier attempt sent is recorded only. A reply whose quoted comment has
    /// expired since is asked for again first.
    /// </summary>
    /// <param name="reply">The reply.</param>
    /// <param name="channel">Its channel.</param>
    /// <param name="attempt">Told when the reply is sent, for whatever becomes of the record.</param>
    /// <param name="cancellationToken">Ends the attempt, until the reply is sent.</param>
    /// <exception cref="TransientChannelException">The channel cannot take it yet, or another attempt to send it is under way.</exception>
    public async Task DeliverAsync(BotReply reply, IBotChannel channel, MessageAttempt attempt, CancellationToken cancellationToken)
    {
        if (await delivered.ContainsAsync(db, reply.Id, cancellationToken)
            || (!attempt.IsSent && !await SendAsync(reply, channel, attempt, cancellationToken)))
        {
            Drop(reply, channel);
            return;
        }

        // What is sent is recorded, also while the app stops.
        await RecordAsync(reply, channel, attempt.IsSent ? CancellationToken.None : cancellationToken);
    }

    /// <summary>Sends the reply; false where another attempt has delivered it since.</summary>
    private async Task<bool> SendAsync(BotReply reply, IBotChannel channel, MessageAttempt attempt, CancellationToken cancellationToken)
    {
        if (channel.IsInStore)
        {
            await sends.SendAsync(channel, await CurrentAsync(reply, cancellationToken), cancellationToken);
            return true;
        }

        if (await delivered.ClaimAsync(db, reply.Id, cancellationToken) is not { } claim)
        {
            return false;
        }

        try
        {
            var current = await CurrentAsync(reply, cancellationToken);
            delivered.RequireFresh(claim);
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
        while (reply.QuotedCommentCreatedAt is { } createdAt && retention.HasExpired(createdAt))
        {
            reply = await bot.AnswerAsync(reply.InReplyTo, reply.Message, cancellationToken);
        }

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
            // It ends by itself; what the channel said is what matters to the caller.
            Log.NotReleased(logger, e, reply.Id, DeliveryRecords.ClaimLifetime);
        }
    }

    private async Task RecordAsync(BotReply reply, IBotChannel channel, CancellationToken cancellationToken)
    {
        db.DeliveredReplies.Add(new() { Id = reply.Id, DeliveredAt = retention.Now });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            metrics.Count(TelemetryNames.Delivered, channel);
        }
        catch (DbUpdateException)
        {
            // Two deliveries of one reply at once, as when a lock ran out: the other one was faster.
            db.ChangeTracker.Clear();
            if (!await delivered.ContainsAsync(db, reply.Id, cancellationToken))
            {
                throw;
            }

            Drop(reply, channel);
        }
    }

    private void Drop(BotReply reply, IBotChannel channel)
    {
        Log.Repeat(logger, reply.Id);
        metrics.Count(TelemetryNames.Repeat, channel);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Reply {Id} was delivered before; the repeat is dropped.")]
        public static partial void Repeat(ILogger logger, string id);

        [LoggerMessage(2, LogLevel.Warning, "The claim on reply {Id} could not be given back; no other attempt sends it for {Lifetime}.")]
        public static partial void NotReleased(ILogger logger, Exception exception, string id, TimeSpan lifetime);
    }
}

using CommentFunctions.Comments;
using CommentFunctions.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Bot;

/// <summary>Delivers a reply once, however often the queue brings it.</summary>
public sealed partial class ReplyDelivery(
    CommentDbContext db,
    DeliveredReplies delivered,
    CommentBot bot,
    ChannelSends sends,
    BotReplyMetrics metrics,
    Retention retention,
    ILogger<ReplyDelivery> logger)
{
    /// <summary>
    /// Sends the reply by its channel and records that. A reply whose quoted comment has expired since is asked for again first.
    /// </summary>
    public async Task DeliverAsync(BotReply reply, IBotChannel channel, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(channel);
        if (await delivered.ContainsAsync(db, reply.Id, cancellationToken))
        {
            Log.Repeat(logger, reply.Id);
            metrics.Count(TelemetryNames.Repeat, channel);
            return;
        }

        if (reply.QuotedCommentCreatedAt is { } createdAt && retention.HasExpired(createdAt))
        {
            reply = await bot.AnswerAsync(reply.InReplyTo, reply.Message, cancellationToken);
        }

        await sends.SendAsync(channel, reply, cancellationToken);
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

            Log.Repeat(logger, reply.Id);
            metrics.Count(TelemetryNames.Repeat, channel);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Reply {Id} was delivered before; the repeat is dropped.")]
        public static partial void Repeat(ILogger logger, string id);
    }
}

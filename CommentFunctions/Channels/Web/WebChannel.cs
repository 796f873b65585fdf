using CommentFunctions.Bot;
using CommentFunctions.Data;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Channels.Web;

/// <summary>Talking to the bot over this app's own HTTP functions: a reply is kept for the client to fetch.</summary>
public sealed class WebChannel(CommentDbContext db, Retention retention) : IBotChannel
{
    /// <summary>The channel's name in messages.</summary>
    public const string ChannelName = "web";

    public string Name => ChannelName;

    public bool IsInStore => true;

    /// <summary>
    /// Adds the exchange to the context; it is stored together with the record of the delivery, so that there is never one
    /// without the other on a store that has transactions.
    /// </summary>
    public async Task SendAsync(BotReply reply, CancellationToken cancellationToken)
    {
        var (id, conversation) = (reply.InReplyTo, reply.Message.Conversation);
        // Only a store without transactions may have kept the exchange and lost the record of its delivery.
        if (db.Database.IsRelational() || await FindAsync(conversation, id, cancellationToken) is null)
        {
            db.ConversationExchanges.Add(new()
            {
                Id = id,
                Conversation = conversation,
                MessageText = reply.Message.Text,
                ReceivedAt = reply.Message.ReceivedAt,
                ReplyText = reply.Text,
                RepliedAt = retention.Now,
                KeptSince = reply.QuotedCommentCreatedAt ?? reply.Message.ReceivedAt,
            });
        }
    }

    private Task<ConversationExchange?> FindAsync(string conversation, string id, CancellationToken cancellationToken) =>
        db.ConversationExchanges.AsNoTracking().FirstOrDefaultAsync(t => t.Conversation == conversation && t.Id == id, cancellationToken);
}

using CommentFunctions.Bot;
using CommentFunctions.Data;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Channels.Web;

/// <summary>Reads conversations, without what has expired.</summary>
public sealed class ConversationReader(CommentDbContext db, Retention retention)
{
    /// <summary>The most exchanges of a conversation that are shown; each is a message and its reply.</summary>
    public const int MaxExchanges = 100;

    /// <summary>The newest exchanges, as messages in the order of time; empty for an unknown conversation.</summary>
    public async Task<IReadOnlyList<ConversationMessage>> ReadAsync(string conversation, CancellationToken cancellationToken)
    {
        var cutoff = retention.Cutoff;
        var exchanges = await db.ConversationExchanges.AsNoTracking()
            .Where(t => t.Conversation == conversation && t.KeptSince > cutoff)
            .OrderByDescending(t => t.ReceivedAt).ThenByDescending(t => t.Id)
            .Take(MaxExchanges)
            .ToListAsync(cancellationToken);
        exchanges.Reverse();
        // The sort keeps the order of equals: a reply of the same millisecond stays behind its message.
        return [.. exchanges.SelectMany(MessagesOf).OrderBy(m => m.At)];
    }

    private static IEnumerable<ConversationMessage> MessagesOf(ConversationExchange exchange) =>
    [
        new(exchange.Id, MessageSender.User, exchange.MessageText, exchange.ReceivedAt, null),
        new(BotReply.IdFor(exchange.Id), MessageSender.Bot, exchange.ReplyText, exchange.RepliedAt, exchange.Id),
    ];
}

/// <summary>One message of a conversation.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="From">Who sent it.</param>
/// <param name="Text">What was sent.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="InReplyTo">The id of the message that it replies to; left out of the user's own.</param>
public sealed record ConversationMessage(string Id, MessageSender From, string Text, DateTimeOffset At, string? InReplyTo);

/// <summary>Who sent a message.</summary>
public enum MessageSender
{
    /// <summary>The person.</summary>
    User,

    /// <summary>The bot.</summary>
    Bot,
}

using CommentFunctions.Bot;
using CommentFunctions.Data;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Channels.Web;

/// <summary>Talking to the bot over HTTP: sends messages to it, and shows conversations.</summary>
/// <param name="sender">Sends to the queue.</param>
/// <param name="ids">Makes the messages' ids.</param>
/// <param name="clock">Tells when a message came.</param>
/// <param name="limiter">Limits the calls about a conversation.</param>
/// <param name="conversations">Makes a reader where one is needed: a message is sent without a context of the database.</param>
/// <param name="logger">Takes what the queue refused.</param>
public sealed partial class ConversationsApi(
    QueueSender sender,
    TimeOrderedIds ids,
    TimeProvider clock,
    RequestLimiter limiter,
    Func<ConversationReader> conversations,
    ILogger<ConversationsApi> logger)
{
    // What stands in a URL as it is.
    private const string NameRule = "1 to 128 characters, each a letter A-Z or a-z, a digit or one of . _ - ~";

    /// <summary>
    /// <c>POST /api/bot/messages</c> with <c>{"conversation": …, "text": …}</c> sends a message to the bot. 202 with its id once the
    /// queue keeps it; 503 where the queue does not take it; 429 where the address calls too often.
    /// </summary>
    [Function("PostBotMessage")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "bot/messages")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync<NewBotMessage>(request, """{"conversation": "…", "text": "…"}""", cancellationToken);
        Require.That(IsName(body.Conversation), $"conversation is not a name. Allowed: {NameRule}.");
        Require.That(CommentText.IsValid(body.Text), $"text is not a message's text. Allowed: {CommentText.Rule}.");

        if (limiter.Count(request.HttpContext, body.Conversation) is { } refusal)
        {
            return refusal;
        }

        var id = $"{WebChannel.ChannelName}:{ids.Next()}";
        try
        {
            BotMessage message = new(WebChannel.ChannelName, body.Conversation, body.Conversation, body.Text, clock.GetUtcNowInMilliseconds());
            await sender.SendAsync(QueueNames.Messages, QueueJson.Write(id, message), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotSent(logger, e, id);
            return ApiResults.Problem(
                StatusCodes.Status503ServiceUnavailable, "The queue did not take the message. Nothing was kept; send it again in a moment.");
        }

        return ApiResults.Accepted(
            ApiResults.Path(request, "bot/messages", $"bot/conversations/{body.Conversation}"), new AcceptedBotMessage(id, body.Conversation));
    }

    /// <summary>
    /// <c>GET /api/bot/conversations/{conversation}</c> returns the newest 100 messages that were answered, each with its
    /// reply, in the order of time. They expire as comments do; a reply, with its message, as the comment that it quotes.
    /// </summary>
    [Function("GetConversation")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "bot/conversations/{conversation}")] HttpRequest request,
        string conversation,
        CancellationToken cancellationToken)
    {
        Require.That(IsName(conversation), $"The path names no conversation. A conversation's name is {NameRule}.");
        return limiter.Count(request.HttpContext, conversation)
            ?? ApiResults.Ok(new ConversationView(conversation, await conversations().ReadAsync(conversation, cancellationToken)));
    }

    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= 128 } && name.All(c => char.IsAsciiLetterOrDigit(c) || "._-~".Contains(c));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Message {Id} could not be sent to the queue; its sender was told.")]
        public static partial void NotSent(ILogger logger, Exception exception, string id);
    }
}

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
            .Where(e => e.Conversation == conversation && e.KeptSince > cutoff)
            .OrderByDescending(e => e.ReceivedAt).ThenByDescending(e => e.Id)
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

/// <summary>The body of a request to <see cref="ConversationsApi.PostAsync"/>.</summary>
/// <param name="Conversation">The conversation: 1 to 128 of the characters that a URL has as they are.</param>
/// <param name="Text">The user whose latest comment is asked for.</param>
public sealed record NewBotMessage(string Conversation, string Text);

/// <summary>A message that the queue keeps.</summary>
/// <param name="Id">The message's id; its reply names it in <c>inReplyTo</c>.</param>
/// <param name="Conversation">Where the reply will be.</param>
public sealed record AcceptedBotMessage(string Id, string Conversation);

/// <summary>A conversation.</summary>
/// <param name="Conversation">Its name.</param>
/// <param name="Messages">In the order of time.</param>
public sealed record ConversationView(string Conversation, IReadOnlyList<ConversationMessage> Messages);

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

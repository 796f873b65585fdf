using Azure.Messaging.ServiceBus;
using CommentFunctions.Data;
using CommentFunctions.Queues;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Bot;

/// <summary>Answers each message to the bot: sends the reply to the queue, and leaves it to the host to complete the message.</summary>
public sealed class AnswerBotMessage(CommentBot bot, BotChannels channels, QueueSender sender, FailurePolicy policy)
{
    [Function(nameof(AnswerBotMessage))]
    public Task RunAsync(
        [ServiceBusTrigger(QueueNames.Messages, Connection = QueueNames.Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        policy.RunAsync(
            QueueNames.Messages,
            message,
            actions,
            async (attempt, cancel) =>
            {
                var asked = QueueJson.Read<BotMessage>(message);
                channels.Require(attempt.Channel = asked.Channel);
                var reply = await bot.AnswerAsync(attempt.Id, asked, cancel);
                await sender.SendAsync(QueueNames.Replies, QueueJson.Write(reply.Id, reply), cancel);
            },
            cancellationToken);
}

/// <summary>Answers a message that names a user with that user's most recent comment.</summary>
public sealed class CommentBot(CommentDbContext db, CommentSchema schema, Retention retention)
{
    private const string Usage =
        "Send me the name of a user, or /last and the name, and I answer with that user's most recent comment. "
        + "Comments that have expired are not shown.";

    private const string Greeting = "Hello. " + Usage;
    private const string Found = "Last comment for ";
    private const string None = "No comments found for user ";

    /// <summary>The answer to a message with this id. A comment that has expired is never quoted.</summary>
    public async Task<BotReply> AnswerAsync(string messageId, BotMessage message, CancellationToken cancellationToken)
    {
        var (kind, userName) = BotCommand.Parse(message.Text);
        var comment = schema.MayBeName(userName)
            ? await schema.FindLatestAsync(db, userName, retention.Cutoff, cancellationToken)
            : null;
        return (kind, comment) switch
        {
            (_, not null) => new(
                message,
                messageId,
                userName,
                ConversationExchange.QuoteOf(userName) + comment.Text,
                comment.CreatedAt,
                [new(Found.Length, userName.Length), new(ConversationExchange.QuoteOf(userName).Length, comment.Text.Length)]),
            (BotCommandKind.Last, null) => new(
                message, messageId, userName, None + userName, Quotations: [new(None.Length, userName.Length)]),
            (BotCommandKind.Start, null) => new(message, messageId, userName, Greeting),
            _ => new(message, messageId, userName, Usage),
        };
    }
}

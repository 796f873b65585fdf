using CommentFunctions.Bot;
using CommentFunctions.Data;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Channels.Web;

/// <summary>
/// <c>POST /api/bot/messages</c> with <c>{"conversation": …, "text": …}</c> sends a message to the bot. 202 with its id once the
/// queue keeps it; 503 where the queue does not take it.
/// </summary>
public sealed partial class PostBotMessage(QueueSender sender, TimeOrderedIds ids, TimeProvider clock, ILogger<PostBotMessage> logger)
{
    [Function(nameof(PostBotMessage))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "bot/messages")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync<NewBotMessage>(request, """{"conversation": "…", "text": "…"}""", cancellationToken);
        Require.That(Conversations.IsValid(body.Conversation), $"conversation is not a name. Allowed: {Conversations.Rule}.");
        Require.That(CommentText.IsValid(body.Text), $"text is not a message's text. Allowed: {CommentText.Rule}.");

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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Message {Id} could not be sent to the queue; its sender was told.")]
        public static partial void NotSent(ILogger logger, Exception exception, string id);
    }
}

/// <summary>The body of a request to <see cref="PostBotMessage"/>.</summary>
/// <param name="Conversation">The conversation, as <see cref="Conversations"/> allows.</param>
/// <param name="Text">The user whose latest comment is asked for.</param>
public sealed record NewBotMessage(string Conversation, string Text);

/// <summary>A message that the queue keeps.</summary>
/// <param name="Id">The message's id; its reply names it in <c>inReplyTo</c>.</param>
/// <param name="Conversation">Where the reply will be.</param>
public sealed record AcceptedBotMessage(string Id, string Conversation);

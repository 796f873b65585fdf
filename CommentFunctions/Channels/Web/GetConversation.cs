using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Channels.Web;

/// <summary>
/// <c>GET /api/bot/conversations/{conversation}</c> returns the newest 100 messages that were answered, each with its reply, in the
/// order of time. They expire as comments do; a reply, with its message, as the comment that it quotes.
/// </summary>
public sealed class GetConversation(ConversationReader conversations)
{
    [Function(nameof(GetConversation))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "bot/conversations/{conversation}")] HttpRequest request,
        string conversation,
        CancellationToken cancellationToken)
    {
        Require.That(Conversations.IsValid(conversation), $"The path names no conversation. A conversation's name is {Conversations.Rule}.");
        return ApiResults.Ok(new ConversationView(conversation, await conversations.ReadAsync(conversation, cancellationToken)));
    }
}

/// <summary>A conversation.</summary>
/// <param name="Conversation">Its name.</param>
/// <param name="Messages">In the order of time.</param>
public sealed record ConversationView(string Conversation, IReadOnlyList<ConversationMessage> Messages);

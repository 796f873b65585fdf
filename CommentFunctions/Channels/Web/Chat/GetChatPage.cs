using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Channels.Web.Chat;

/// <summary><c>GET /api/chat</c> is a page for people: it talks to the bot, shows comments and runs the deletion.</summary>
public sealed class GetChatPage(ChatFiles files)
{
    [Function(nameof(GetChatPage))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "chat")] HttpRequest request)
    {
        // The page names its files relative to itself, so that it works behind any prefix; there they would be one folder too deep.
        return request.Path.Value?.EndsWith('/') is true ? Results.Redirect("../chat") : files.Page(request);
    }
}

using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Channels.Web.Chat;

/// <summary><c>GET /api/chat/{file}</c> is a file of the page. 404 where there is none of this name.</summary>
public sealed class GetChatFile(ChatFiles files)
{
    [Function(nameof(GetChatFile))]
    public IResult Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "chat/{file}")] HttpRequest request, string file) =>
        files.Find(request, file) ?? ApiResults.Problem(StatusCodes.Status404NotFound, "The page has no file of this name.");
}

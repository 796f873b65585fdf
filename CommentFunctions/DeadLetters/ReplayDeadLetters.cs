using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.DeadLetters;

/// <summary>
/// <c>POST /api/dead-letters/{queue}/replay</c> sends the dead letters of a queue to it again, up to 1000 a call. 200 with the counts.
/// </summary>
public sealed class ReplayDeadLetters(DeadLetterTools deadLetters)
{
    [Function(nameof(ReplayDeadLetters))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/{queue}/replay")] HttpRequest request,
        string queue,
        CancellationToken cancellationToken)
    {
        DeadLetterPath.RequireQueue(queue);
        return ApiResults.Ok(await deadLetters.ReplayAllAsync(queue, cancellationToken));
    }
}

using System.Globalization;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.DeadLetters;

/// <summary>
/// <c>GET /api/dead-letters/{queue}?limit=20&amp;from=…</c> lists the messages that a queue gave up on, oldest first, without their
/// bodies. 200 with a page; its <c>next</c> is the <c>from</c> of the following one. 404 for an unknown queue.
/// </summary>
public sealed class ListDeadLetters(DeadLetterTools deadLetters)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    [Function(nameof(ListDeadLetters))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dead-letters/{queue}")] HttpRequest request,
        string queue,
        CancellationToken cancellationToken)
    {
        DeadLetterPath.RequireQueue(queue);
        var limit = QueryValues.Limit(request, DefaultLimit, MaxLimit);
        return ApiResults.Ok(await deadLetters.ListAsync(queue, limit, From(request), cancellationToken));
    }

    private static long From(HttpRequest request)
    {
        if (QueryValues.One(request, "from") is not { } text)
        {
            return 0;
        }

        Require.That(
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var from),
            "from is not a sequence number. Allowed: a whole number, such as the next of an earlier page.");
        return from;
    }
}

using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.DeadLetters;

/// <summary>
/// <c>POST /api/dead-letters/{queue}/{sequenceNumber}/replay</c> sends a dead letter to its queue again, and removes it. 200 with the
/// count; 404 where it is not there; 409 where it cannot be had at the moment.
/// </summary>
public sealed class ReplayDeadLetter(DeadLetterTools deadLetters)
{
    [Function(nameof(ReplayDeadLetter))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/{queue}/{sequenceNumber}/replay")] HttpRequest request,
        string queue,
        string sequenceNumber,
        CancellationToken cancellationToken)
    {
        DeadLetterPath.RequireQueue(queue);
        var number = DeadLetterPath.SequenceNumber(sequenceNumber);
        var taken = await deadLetters.ReplayAsync(queue, number, cancellationToken);
        return taken == TakenDeadLetter.Taken
            ? ApiResults.Ok(new ReplayedDeadLetter(queue, number, 1))
            : DeadLetterPath.NotTaken(queue, number, taken);
    }
}

/// <summary>A dead letter that was sent again.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="SequenceNumber">The number that it had among the dead letters.</param>
/// <param name="Replayed">How many were sent: 1.</param>
public sealed record ReplayedDeadLetter(string Queue, long SequenceNumber, int Replayed);

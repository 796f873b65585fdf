using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.DeadLetters;

/// <summary>
/// <c>DELETE /api/dead-letters/{queue}/{sequenceNumber}</c> removes a dead letter for good. 204; 404 where it is not there; 409 where it
/// cannot be had at the moment.
/// </summary>
public sealed class DropDeadLetter(DeadLetterTools deadLetters)
{
    [Function(nameof(DropDeadLetter))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "dead-letters/{queue}/{sequenceNumber}")] HttpRequest request,
        string queue,
        string sequenceNumber,
        CancellationToken cancellationToken)
    {
        DeadLetterPath.RequireQueue(queue);
        var number = DeadLetterPath.SequenceNumber(sequenceNumber);
        var taken = await deadLetters.DropAsync(queue, number, cancellationToken);
        return taken == TakenDeadLetter.Taken ? Results.NoContent() : DeadLetterPath.NotTaken(queue, number, taken);
    }
}

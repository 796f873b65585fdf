using System.Globalization;
using System.Text.Json.Serialization;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Expiry;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.DeadLetters;

/// <summary>
/// What an operator does with dead letters, over HTTP. Each path names a queue, 404 where there is none of this name; one that names a
/// dead letter answers 404 where it is not there, and 409 where it cannot be had at the moment.
/// </summary>
public sealed class DeadLettersApi(DeadLetterTools deadLetters, ForegroundRuns foreground)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    /// <summary>
    /// <c>GET /api/dead-letters/{queue}?limit=20&amp;from=…</c> lists the messages that a queue gave up on, oldest first, without their
    /// bodies. 200 with a page; its <c>next</c> is the <c>from</c> of the following one.
    /// </summary>
    [Function("ListDeadLetters")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dead-letters/{queue}")] HttpRequest request,
        string queue,
        CancellationToken cancellationToken)
    {
        RequireQueue(queue);
        var limit = QueryValues.Limit(request, DefaultLimit, MaxLimit);
        var from = QueryValues.One(request, "from") is { } text
            ? SequenceNumber(text, "from is not a sequence number. Allowed: a whole number, such as the next of an earlier page.")
            : 0;
        return ApiResults.Ok(await deadLetters.ListAsync(queue, limit, from, cancellationToken));
    }

    /// <summary>
    /// <c>POST /api/dead-letters/{queue}/{sequenceNumber}/replay</c> sends a dead letter to its queue again, and removes it. 200 with the
    /// count.
    /// </summary>
    [Function("ReplayDeadLetter")]
    public async Task<IResult> ReplayAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/{queue}/{sequenceNumber}/replay")] HttpRequest request,
        string queue,
        string sequenceNumber,
        CancellationToken cancellationToken)
    {
        RequireQueue(queue);
        var number = SequenceNumber(sequenceNumber);
        var taken = await deadLetters.ReplayAsync(queue, number, OperatorOf(request), cancellationToken);
        return taken == TakenDeadLetter.Taken ? ApiResults.Ok(new ReplayedDeadLetter(queue, number, 1)) : NotTaken(queue, number, taken);
    }

    /// <summary>
    /// <c>POST /api/dead-letters/{queue}/replay</c> sends the dead letters of a queue to it again, up to 1000 a call. 200 with the counts.
    /// </summary>
    [Function("ReplayDeadLetters")]
    public async Task<IResult> ReplayAllAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/{queue}/replay")] HttpRequest request,
        string queue,
        CancellationToken cancellationToken)
    {
        RequireQueue(queue);
        return ApiResults.Ok(await deadLetters.ReplayAllAsync(queue, OperatorOf(request), cancellationToken));
    }

    /// <summary><c>DELETE /api/dead-letters/{queue}/{sequenceNumber}</c> removes a dead letter for good. 204.</summary>
    [Function("DropDeadLetter")]
    public async Task<IResult> DropAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "dead-letters/{queue}/{sequenceNumber}")] HttpRequest request,
        string queue,
        string sequenceNumber,
        CancellationToken cancellationToken)
    {
        RequireQueue(queue);
        var number = SequenceNumber(sequenceNumber);
        var taken = await deadLetters.DropAsync(queue, number, OperatorOf(request), cancellationToken);
        return taken == TakenDeadLetter.Taken ? Results.NoContent() : NotTaken(queue, number, taken);
    }

    private string OperatorOf(HttpRequest request) => foreground.Operator(CallerNames.Of(request.HttpContext));

    private static void RequireQueue(string queue)
    {
        if (!QueueNames.All.Contains(queue, StringComparer.Ordinal))
        {
            throw new BadHttpRequestException(
                $"The path names no queue. The queues are {string.Join(" and ", QueueNames.All)}.", StatusCodes.Status404NotFound);
        }
    }

    private static long SequenceNumber(
        string text, string problem = "The path names no sequence number. A sequence number is a whole number, as the list of dead letters shows it.")
    {
        Require.That(long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number), problem);
        return number;
    }

    private static IResult NotTaken(string queue, long sequenceNumber, TakenDeadLetter taken) => taken == TakenDeadLetter.NotThere
        ? ApiResults.Problem(
            StatusCodes.Status404NotFound,
            $"{queue} has no dead letter {sequenceNumber}. GET dead-letters/{queue} lists those that are there.")
        : ApiResults.Problem(
            StatusCodes.Status409Conflict,
            $"Dead letter {sequenceNumber} of {queue} is there but cannot be had now: another run holds it, or more than "
            + $"{DeadLetterReceiver.MostHeld} others stand before it. Try again in a minute, or replay or drop those before it first.");
}

/// <summary>A dead letter as operators see it: everything but its body, which may quote a comment.</summary>
/// <param name="Queue">The queue that gave up on it.</param>
/// <param name="SequenceNumber">Its number in that queue's dead letters.</param>
/// <param name="MessageId">The id it was first sent with.</param>
/// <param name="Reason">Why it was given up on, in one word; left out where none was given.</param>
/// <param name="Description">The reason at more length; left out where none was given.</param>
/// <param name="EnqueuedAt">When the queue took it, in UTC.</param>
/// <param name="DeliveryCount">How often it was delivered; each time that it was held for a replay counts too.</param>
public sealed record DeadLetterView(
    string Queue, long SequenceNumber, string MessageId, string? Reason, string? Description, DateTimeOffset EnqueuedAt, int DeliveryCount)
{
    /// <summary>The view of a dead letter.</summary>
    public static DeadLetterView Of(string queue, ServiceBusReceivedMessage message) =>
        new(
            queue,
            message.SequenceNumber,
            message.OriginalId(),
            message.DeadLetterReason,
            message.DeadLetterErrorDescription,
            message.EnqueuedTime,
            message.DeliveryCount);
}

/// <summary>A page of dead letters.</summary>
/// <param name="DeadLetters">In the order of their sequence numbers.</param>
/// <param name="Next">The <c>from</c> of the next page; null on the last.</param>
public sealed record DeadLetterPage(
    IReadOnlyList<DeadLetterView> DeadLetters, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next);

/// <summary>What became of a replay of many.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Replayed">How many dead letters were sent to it again.</param>
/// <param name="Left">How many of those that it began with are not: another run holds them, or the time did not suffice.</param>
/// <param name="More">Whether there were more than one call takes, which are not counted here: call again.</param>
public sealed record ReplayView(string Queue, int Replayed, int Left, bool More);

/// <summary>A dead letter that was sent again.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="SequenceNumber">The number that it had among the dead letters.</param>
/// <param name="Replayed">How many were sent: 1.</param>
public sealed record ReplayedDeadLetter(string Queue, long SequenceNumber, int Replayed);

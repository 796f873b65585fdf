using System.Globalization;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.DeadLetters;

/// <summary>The parts of the paths to dead letters, and the answers that their functions share.</summary>
internal static class DeadLetterPath
{
    /// <summary>Refuses what names no queue of this app with 404.</summary>
    public static void RequireQueue(string queue)
    {
        if (!QueueNames.All.Contains(queue, StringComparer.Ordinal))
        {
            throw new BadHttpRequestException(
                $"The path names no queue. The queues are {string.Join(" and ", QueueNames.All)}.", StatusCodes.Status404NotFound);
        }
    }

    /// <summary>The sequence number.</summary>
    public static long SequenceNumber(string text)
    {
        Require.That(
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number),
            "The path names no sequence number. A sequence number is a whole number, as the list of dead letters shows it.");
        return number;
    }

    /// <summary>The answer where a dead letter was not taken.</summary>
    public static IResult NotTaken(string queue, long sequenceNumber, TakenDeadLetter taken) => taken == TakenDeadLetter.NotThere
        ? ApiResults.Problem(
            StatusCodes.Status404NotFound,
            $"{queue} has no dead letter {sequenceNumber}. GET dead-letters/{queue} lists those that are there.")
        : ApiResults.Problem(
            StatusCodes.Status409Conflict,
            $"Dead letter {sequenceNumber} of {queue} is there but cannot be had now: another run holds it, or more than "
            + $"{DeadLetterReceiver.MostHeld} others stand before it. Try again in a minute, or replay or drop those before it first.");
}

using CommentFunctions.Comments;
using CommentFunctions.Http;
using CommentFunctions.Time;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Expiry;

/// <summary>
/// <c>POST /api/expiry-runs?olderThan=00:30:00&amp;dryRun=true</c> deletes expired comments now and answers with the run.
/// <c>olderThan</c> takes the place of the retention in this run; <c>dryRun</c> counts only.
/// </summary>
public sealed class DeleteExpiredCommentsOnDemand(ExpiryJob job, TimeProvider clock)
{
    /// <summary>Runs for each request.</summary>
    [Function(nameof(DeleteExpiredCommentsOnDemand))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "expiry-runs")] HttpRequest request, CancellationToken cancellationToken)
    {
        QueryValues.AllowOnly(request, "olderThan", "dryRun");
        var run = await job.RunAsync(
            new ExpiryRequest(ExpiryRequest.Operator, OlderThan(request), QueryValues.Flag(request, "dryRun")), cancellationToken);
        return ApiResults.Ok(ExpiryRunView.Of(run, clock.GetUtcNow()));
    }

    private static TimeSpan? OlderThan(HttpRequest request)
    {
        if (QueryValues.One(request, "olderThan") is not { } text)
        {
            return null;
        }

        Require.That(
            Durations.TryParse(text, out var age) && age <= Retention.Longest,
            $"olderThan is not an age. Allowed: {Durations.Form}, from 00:00:00 to 3650.00:00:00.");
        return age;
    }
}

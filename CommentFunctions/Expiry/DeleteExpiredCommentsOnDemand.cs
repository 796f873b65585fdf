using CommentFunctions.Data;
using CommentFunctions.Http;
using CommentFunctions.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Expiry;

/// <summary>
/// <c>POST /api/expiry-runs?olderThan=00:30:00&amp;dryRun=true</c> deletes expired comments now and answers with the run: 200 once it has
/// ended, 202 with its address where it takes more than 200 seconds; 503 where it cannot be started or the app is stopping.
/// <c>olderThan</c> takes the place of the retention in this run; <c>dryRun</c> counts only.
/// </summary>
public sealed class DeleteExpiredCommentsOnDemand(ExpiryJob job, OperatorRuns runs, ForegroundRuns foreground, TimeProvider clock)
{
    private const string Route = "expiry-runs";

    [Function(nameof(DeleteExpiredCommentsOnDemand))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Route)] HttpRequest request, CancellationToken cancellationToken)
    {
        QueryValues.AllowOnly(request, "olderThan", "dryRun");
        var asked = new ExpiryRequest(ExpiryRequest.Operator, OlderThan(request), QueryValues.Flag(request, "dryRun"));
        var run = asked.DryRun || foreground.Always
            ? await job.RunAsync(asked, cancellationToken)
            : await runs.StartAsync(job.Plan(asked), cancellationToken);
        return Answer(request, ExpiryRunView.Of(run, clock.GetUtcNow()));
    }

    private static IResult Answer(HttpRequest request, ExpiryRunView run) => run.Outcome switch
    {
        RunOutcome.Waiting or RunOutcome.Running => ApiResults.Accepted(ApiResults.Path(request, Route, $"{Route}/{run.Id}"), run),
        RunOutcome.Cancelled => Ended(StatusCodes.Status503ServiceUnavailable, run, "was cancelled, for the app is stopping"),
        RunOutcome.Failed or RunOutcome.Interrupted => Ended(StatusCodes.Status500InternalServerError, run, "did not succeed"),
        _ => ApiResults.Ok(run),
    };

    private static IResult Ended(int status, ExpiryRunView run, string how) =>
        ApiResults.Problem(status, $"Run {run.Id} {how}. What it deleted stays deleted, and another goes on. GET {Route}/{run.Id} tells what became of it.");

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

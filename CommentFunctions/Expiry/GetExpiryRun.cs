using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Expiry;

/// <summary><c>GET /api/expiry-runs/{id}</c> tells how far a run of the last 30 days has come, or how it ended; 404 for an unknown one.</summary>
public sealed class GetExpiryRun(ExpiryRunLog runs, TimeProvider clock)
{
    [Function(nameof(GetExpiryRun))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "expiry-runs/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await runs.FindAsync(key, cancellationToken) is { } run
            ? ApiResults.Ok(ExpiryRunView.Of(run, clock.GetUtcNow()))
            : ApiResults.Problem(
                StatusCodes.Status404NotFound, "The path names no run of the last 30 days. GET expiry-runs lists them, each with its id.");
}

using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Health;

/// <summary>
/// <c>GET /api/health</c> says how the app is doing, and why it is not well: 200 where it serves, healthy or degraded; 503, with the
/// same report, where it is unhealthy.
/// </summary>
public sealed class GetHealth(HealthReporter reporter)
{
    [Function(nameof(GetHealth))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request, CancellationToken cancellationToken)
    {
        var report = await reporter.ReportAsync(cancellationToken);
        return ApiResults.Json(
            report.Status == HealthState.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK, report);
    }
}

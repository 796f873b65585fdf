using System.Text.Json.Serialization;
using CommentFunctions.Expiry;
using CommentFunctions.Http;
using CommentFunctions.Queues;
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

/// <summary>How the app is doing.</summary>
/// <param name="Status">The whole in one word.</param>
/// <param name="Reasons">Why it is not healthy, a sentence each; empty where it is.</param>
/// <param name="Store">The store.</param>
/// <param name="Queues">The queues by name; null where one cannot be asked, or the host does not tell.</param>
/// <param name="Retention">How long comments are kept.</param>
/// <param name="NextExpiryRun">When the timer is due, in UTC; null where the host has left it out or a setting has switched it off.</param>
/// <param name="LastExpiryRun">The newest run of the expiry job; null where there was none, or the store cannot be asked.</param>
/// <param name="ExpiryOverdue">Whether runs stopped: two scheduled times went by without a success; null where the store cannot be asked.</param>
/// <param name="Disabled">The functions whose triggers a setting has switched off.</param>
public sealed record HealthReport(
    HealthState Status,
    IReadOnlyList<string> Reasons,
    StoreHealth Store,
    IReadOnlyDictionary<string, QueueDepth?> Queues,
    TimeSpan Retention,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? NextExpiryRun,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ExpiryRunView? LastExpiryRun,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] bool? ExpiryOverdue,
    IReadOnlyList<string> Disabled);

/// <summary>What the store can do now.</summary>
/// <param name="Name">The store's name, as in <c>Comments:Store</c>.</param>
/// <param name="Schema">Whose tables it has, as in <c>Comments:Schema</c>.</param>
/// <param name="Reachable">Whether it could be read in time.</param>
/// <param name="Writable">Whether it would have taken a comment.</param>
public sealed record StoreHealth(string Name, string Schema, bool Reachable, bool Writable);

/// <summary>How the app is doing, in one word; each is worse than the one before.</summary>
public enum HealthState
{
    /// <summary>A new comment would be stored, a message answered, and expired comments are deleted.</summary>
    Healthy,

    /// <summary>The app serves, but not all of that holds.</summary>
    Degraded,

    /// <summary>The store cannot be read or written, or nothing will delete expired comments.</summary>
    Unhealthy,
}

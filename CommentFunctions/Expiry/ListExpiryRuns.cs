using CommentFunctions.Data;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Expiry;

/// <summary><c>GET /api/expiry-runs?limit=20</c> lists the runs of the last 30 days, newest first, at most 100.</summary>
public sealed class ListExpiryRuns(CommentDbContext db, CommentStore store, TimeProvider clock)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    [Function(nameof(ListExpiryRuns))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "expiry-runs")] HttpRequest request, CancellationToken cancellationToken)
    {
        var limit = QueryValues.Limit(request, DefaultLimit, MaxLimit);
        var now = clock.GetUtcNow();
        var runs = await store.Runs(db).AsNoTracking()
            .OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Id)
            .Take(limit)
            .ToListAsync(cancellationToken);
        return ApiResults.Ok(new ExpiryRunsView([.. runs.Select(r => ExpiryRunView.Of(r, now))]));
    }
}

/// <summary>Runs of the expiry job, newest first.</summary>
public sealed record ExpiryRunsView(IReadOnlyList<ExpiryRunView> Runs);

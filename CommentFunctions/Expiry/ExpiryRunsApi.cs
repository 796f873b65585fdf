using CommentFunctions.Data;
using CommentFunctions.Http;
using CommentFunctions.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Expiry;

/// <summary>Starts runs of the expiry job and shows them.</summary>
public sealed class ExpiryRunsApi(
    ExpiryJob job, OperatorRuns operatorRuns, ExpiryRunLog log, ForegroundRuns foreground, CommentDbContext db, CommentSchema schema, TimeProvider clock)
{
    private const string Route = "expiry-runs";
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    /// <summary>
    /// <c>POST /api/expiry-runs?olderThan=00:30:00&amp;dryRun=true</c> deletes expired comments now and answers with the run: 200 once it has
    /// ended, 202 with its address where it takes more than 200 seconds; 503 where it cannot be started or the app is stopping.
    /// <c>olderThan</c> takes the place of the retention in this run; <c>dryRun</c> counts only.
    /// </summary>
    [Function("DeleteExpiredCommentsOnDemand")]
    public async Task<IResult> StartAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Route)] HttpRequest request, CancellationToken cancellationToken)
    {
        QueryValues.AllowOnly(request, "olderThan", "dryRun");
        var asked = new ExpiryRequest(OperatorOf(request), OlderThan(request), QueryValues.Flag(request, "dryRun"));
        return await RunAsync(request, Route, asked, cancellationToken);
    }

    /// <summary>
    /// <c>DELETE /api/users/{userName}?dryRun=true</c> erases a user: their comments up to now, the exchanges on the web that quote them, and
    /// the user, unless they write meanwhile. It answers as a run does; 404 for an unknown user, 409 where the users are a site's.
    /// </summary>
    [Function("EraseUser")]
    public async Task<IResult> EraseAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "users/{userName}")] HttpRequest request,
        string userName,
        CancellationToken cancellationToken)
    {
        QueryValues.AllowOnly(request, "dryRun");
        if (schema.Name != SchemaNames.Own)
        {
            return ApiResults.Problem(
                StatusCodes.Status409Conflict, "The users are those of a Django site (Comments:Schema is Django), and the site alone removes them. Delete the user there.");
        }

        if (!schema.MayBeName(userName) || !await schema.UserExistsAsync(db, userName, cancellationToken))
        {
            return ApiResults.Problem(StatusCodes.Status404NotFound, "The path names no user. Users exist from their first comment until they are erased.");
        }

        var asked = new ExpiryRequest(OperatorOf(request), TimeSpan.Zero, QueryValues.Flag(request, "dryRun")) { UserName = userName };
        return await RunAsync(request, $"users/{userName}", asked, cancellationToken);
    }

    /// <summary><c>GET /api/expiry-runs?limit=20</c> lists the runs of the last 30 days, newest first, at most 100.</summary>
    [Function("ListExpiryRuns")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Route)] HttpRequest request, CancellationToken cancellationToken)
    {
        var runs = await log.ListAsync(QueryValues.Limit(request, DefaultLimit, MaxLimit), cancellationToken);
        return ApiResults.Ok(new ExpiryRunsView([.. runs.Select(View)]));
    }

    /// <summary><c>GET /api/expiry-runs/{id}</c> tells how far a run of the last 30 days has come, or how it ended; 404 for an unknown one.</summary>
    [Function("GetExpiryRun")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = Route + "/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await log.FindAsync(key, cancellationToken) is { } run
            ? ApiResults.Ok(View(run))
            : ApiResults.Problem(
                StatusCodes.Status404NotFound, "The path names no run of the last 30 days. GET expiry-runs lists them, each with its id.");

    private string OperatorOf(HttpRequest request) => foreground.Operator(CallerNames.Of(request.HttpContext));

    private async Task<IResult> RunAsync(HttpRequest request, string route, ExpiryRequest asked, CancellationToken cancellationToken) =>
        Answer(request, route, View(asked.DryRun || foreground.Always
            ? await job.RunAsync(asked, cancellationToken)
            : await operatorRuns.StartAsync(job.Plan(asked), asked.UserName, cancellationToken)));

    private static IResult Answer(HttpRequest request, string route, ExpiryRunView run) => run.Outcome switch
    {
        RunOutcome.Waiting or RunOutcome.Running => ApiResults.Accepted(ApiResults.Path(request, route, $"{Route}/{run.Id}"), run),
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

    private ExpiryRunView View(ExpiryRun run) => ExpiryRunView.Of(run, clock.GetUtcNow());
}

/// <summary>Runs of the expiry job, newest first.</summary>
public sealed record ExpiryRunsView(IReadOnlyList<ExpiryRunView> Runs);

/// <summary>A run of the expiry job as callers see it.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="TriggeredBy">Who asked for it: <see cref="ExpiryRun.TriggeredBy"/>.</param>
/// <param name="Work"><c>expiry</c>, or <c>erasure</c> of a user.</param>
/// <param name="StartedAt">When it started, in UTC.</param>
/// <param name="OlderThan">The age that took the place of the retention; left out where the retention held.</param>
/// <param name="DryRun">Whether it only counted.</param>
/// <param name="Cutoff">What was written at this time or earlier was to be deleted.</param>
/// <param name="Deleted">The comments deleted; left out of a dry run.</param>
/// <param name="WouldDelete">The comments that a run would delete; only in a dry run.</param>
/// <param name="Duration">How long it took; left out while it runs.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Error">Why it did not succeed; left out where it did.</param>
public sealed record ExpiryRunView(
    Guid Id,
    string TriggeredBy,
    string Work,
    DateTimeOffset StartedAt,
    TimeSpan? OlderThan,
    bool DryRun,
    DateTimeOffset Cutoff,
    long? Deleted,
    long? WouldDelete,
    TimeSpan? Duration,
    RunOutcome Outcome,
    string? Error)
{
    /// <summary>The view of a run at this time.</summary>
    public static ExpiryRunView Of(ExpiryRun run, DateTimeOffset now) =>
        new(
            run.Id,
            run.TriggeredBy,
            run.Work ?? "expiry",
            run.StartedAt,
            run.Work is null ? run.OlderThan : null,
            run.DryRun,
            run.Cutoff,
            run.DryRun ? null : run.Deleted,
            run.DryRun ? run.Deleted : null,
            run.IsOpen ? null : run.Duration,
            run.IsSilent(now) ? RunOutcome.Interrupted : run.Outcome,
            run.Error);
}

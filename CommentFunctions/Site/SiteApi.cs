using System.Text.Json.Serialization;
using CommentFunctions.Data;
using CommentFunctions.Data.Django;
using CommentFunctions.Data.Relational;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Site;

/// <summary>Tells how a Django site's database fits the app, also before the settings do.</summary>
public sealed class SiteApi(CommentStore store, CommentSchema schema, SiteDialects dialects, IOptions<CommentOptions> options, Retention retention, TimeProvider clock)
{
    /// <summary>The function's name, by which a command that runs it starts without the store.</summary>
    public const string Describe = "DescribeSite";

    private string NotASite => "The database is the app's own. To have a Django site's described, set Comments:Schema to Django, "
        + $"Comments:Store to {string.Join(" or ", dialects.Stores)}, and Comments:ConnectionString to the site's database.";

    /// <summary>
    /// <c>GET /api/site</c> lists the tables that could be the site's comments, best first, with the settings that attach each. It only
    /// reads. 409 where the database is the app's own, 503 where it cannot be reached.
    /// </summary>
    [Function(Describe)]
    public async Task<IResult> DescribeAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "site")] HttpRequest request, CancellationToken cancellationToken)
    {
        var isOwn = schema.Name == SchemaNames.Own;
        if (store is not RelationalStore tables || dialects.Find(store.Name) is not { } dialect || (isOwn && string.IsNullOrWhiteSpace(options.Value.ConnectionString)))
        {
            return ApiResults.Problem(StatusCodes.Status409Conflict, NotASite);
        }

        IReadOnlyList<SiteCandidate> found = [];
        var cutoff = retention.Cutoff;
        try
        {
            await tables.LookAsync(
                async (connection, cancel) => found = await SiteCandidate.FindAsync(connection, dialect, options.Value.Django.TimeZone, cutoff, clock, cancel), cancellationToken);
        }
        catch (OptionsValidationException e)
        {
            return ApiResults.Problem(StatusCodes.Status503ServiceUnavailable, string.Join(' ', e.Failures));
        }

        // A site's file may have been named before the schema was.
        return isOwn && found.Count == 0
            ? ApiResults.Problem(StatusCodes.Status409Conflict, NotASite)
            : ApiResults.Legible(new SiteView(cutoff, [.. found.Select(View)]));
    }

    private static SiteCandidateView View(SiteCandidate found) => new(
        found.Names.Table, found.Names.Key, found.Names.User, found.Names.Time, found.Names.Text,
        found.Names.UserTable, found.Names.UserKey, found.Names.UserName,
        found.Names.Dependents is { Length: > 0 } dependents ? dependents : null, found.Names.Where is { Length: > 0 } where ? where : null,
        found.Count.Rows, found.Count.Expired, found.Count.IsWhole, found.Problems, found.Settings);
}

/// <summary>What could be a site's comments.</summary>
/// <param name="Cutoff">What was written at this time or earlier has expired.</param>
/// <param name="Candidates">The tables, best first.</param>
public sealed record SiteView(DateTimeOffset Cutoff, IReadOnlyList<SiteCandidateView> Candidates);

/// <summary>A table that could be a site's comments.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">Its key.</param>
/// <param name="User">Its column that refers to the users.</param>
/// <param name="Time">Its column that says when a row was written.</param>
/// <param name="Text">Its column with what was written.</param>
/// <param name="UserTable">The users.</param>
/// <param name="UserKey">Their key.</param>
/// <param name="UserName">Their name.</param>
/// <param name="Dependents">What refers to its rows, as <c>Comments:Django:Dependents</c> has it; null where nothing does.</param>
/// <param name="Where">Which rows seem to be meant for visitors, as <c>Comments:Django:Where</c> has it; null where no column tells.</param>
/// <param name="Rows">How many rows were counted; null where none could be.</param>
/// <param name="Expired">How many of them have expired; null where no time could be read.</param>
/// <param name="CountedAll">Whether these are all; otherwise there are at least so many.</param>
/// <param name="Problems">What still keeps the app from starting with the settings, or kept it from counting.</param>
/// <param name="Settings">The settings as lines for the environment; one that begins with # is a remark.</param>
public sealed record SiteCandidateView(
    string Table,
    string Key,
    string User,
    string Time,
    string Text,
    string UserTable,
    string UserKey,
    string UserName,
    string? Dependents,
    string? Where,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Rows,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Expired,
    bool CountedAll,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Settings);

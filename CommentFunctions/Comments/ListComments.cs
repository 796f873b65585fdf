using System.Text.Json.Serialization;
using CommentFunctions.Data;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Comments;

/// <summary>
/// <c>GET /api/users/{userName}/comments?limit=20&amp;before=…</c> lists a user's comments, newest first, never an expired one. 200
/// with a page; its <c>next</c> is the <c>before</c> of the following one. 404 for an unknown user.
/// </summary>
public sealed class ListComments(CommentListing listing, Retention retention)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    [Function(nameof(ListComments))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "users/{userName}/comments")] HttpRequest request,
        string userName,
        CancellationToken cancellationToken)
    {
        // Routes leave this one as it is, for it would part the path.
        userName = userName.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        Require.That(listing.MayBeName(userName), $"The path names no user. A user name is {listing.NameRule}.");
        var limit = QueryValues.Limit(request, DefaultLimit, MaxLimit);
        var before = Before(request);

        var page = await listing.FindAsync(userName, limit, before, cancellationToken);
        return page is null
            ? ApiResults.Problem(StatusCodes.Status404NotFound, $"No user is named {userName}. Users exist from their first comment on.")
            : ApiResults.Ok(new CommentPageView(
                userName, [.. page.Comments.Select(c => CommentView.Of(c, retention))], page.Next?.ToString()));
    }

    private static CommentCursor? Before(HttpRequest request)
    {
        if (QueryValues.One(request, "before") is not { } text)
        {
            return null;
        }

        Require.That(CommentCursor.TryParse(text, out var cursor), "before is not a cursor. Allowed: the next of an earlier page, unchanged.");
        return cursor;
    }
}

/// <summary>A page of a user's comments.</summary>
/// <param name="UserName">Whose.</param>
/// <param name="Comments">Newest first.</param>
/// <param name="Next">The <c>before</c> of the next page; null on the last.</param>
public sealed record CommentPageView(
    string UserName,
    IReadOnlyList<CommentView> Comments,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);

using System.Text.Json.Serialization;
using CommentFunctions.Data;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Comments;

/// <summary>Writes and lists comments over HTTP.</summary>
public sealed class CommentsApi(
    CommentDbContext db, CommentSchema schema, CommentWriter writer, Retention retention, IOptions<WebChannelOptions> web)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    /// <summary>
    /// <c>POST /api/comments</c> with <c>{"userName": …, "text": …}</c> writes a comment, and makes its user on first use. 201 with
    /// the comment; 400 for a name or text that is not allowed; 409 where the comments are those of a site, which alone writes them.
    /// </summary>
    [Function("PostComment")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "comments")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (schema.ReadOnlyReason is { } why)
        {
            return ApiResults.Problem(StatusCodes.Status409Conflict, why);
        }

        var body = await JsonBody.ReadAsync<NewComment>(request, """{"userName": "…", "text": "…"}""", cancellationToken);
        Require.That(UserNames.IsValid(body.UserName), $"userName is not a user name. Allowed: {UserNames.Rule}.");
        Require.That(CommentText.IsValid(body.Text), $"text is not a comment's text. Allowed: {CommentText.Rule}.");

        var comment = await writer.PostAsync(body.UserName, body.Text, cancellationToken);
        // Without the web channel there is no list to point to.
        return web.Value.Enabled
            ? ApiResults.Created(ApiResults.Path(request, "comments", $"users/{Uri.EscapeDataString(comment.UserName)}/comments"), ViewOf(comment))
            : ApiResults.Json(StatusCodes.Status201Created, ViewOf(comment));
    }

    /// <summary>
    /// <c>GET /api/users/{userName}/comments?limit=20&amp;before=…</c> lists a user's comments, newest first, never an expired one. 200
    /// with a page; its <c>next</c> is the <c>before</c> of the following one. 404 for an unknown user.
    /// </summary>
    [Function("ListComments")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "users/{userName}/comments")] HttpRequest request,
        string userName,
        CancellationToken cancellationToken)
    {
        // Routing leaves an encoded slash as it is, for it would split the path.
        userName = userName.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        Require.That(schema.MayBeName(userName), $"The path names no user. A user name is {schema.NameRule}.");
        var limit = QueryValues.Limit(request, DefaultLimit, MaxLimit);
        var before = Before(request);

        // One more than asked for tells whether there is a next page.
        var found = await schema.FindPageAsync(db, userName, retention.Cutoff, before, limit + 1, cancellationToken);
        if (found.Count == 0 && !await schema.UserExistsAsync(db, userName, cancellationToken))
        {
            return ApiResults.Problem(StatusCodes.Status404NotFound, $"No user is named {userName}. Users exist from their first comment on.");
        }

        var page = found.Take(limit).ToList();
        var next = found.Count > limit ? new CommentCursor(page[^1].CreatedAt, page[^1].Id).ToString() : null;
        return ApiResults.Ok(new CommentPageView(userName, [.. page.Select(ViewOf)], next));
    }

    /// <summary><c>GET /api/users/{userName}?limit=20&amp;before=…</c> is the same list for operators, with the web channel or without it.</summary>
    [Function("GetUser")]
    public Task<IResult> GetUserAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "users/{userName}")] HttpRequest request,
        string userName,
        CancellationToken cancellationToken) =>
        ListAsync(request, userName, cancellationToken);

    /// <summary>
    /// <c>GET /api/comments?limit=20</c> lists the newest comments of all users, at most 100, never an expired one: for operators, since it
    /// tells which users there are.
    /// </summary>
    [Function("ListRecentComments")]
    public async Task<IResult> ListRecentAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "comments")] HttpRequest request, CancellationToken cancellationToken)
    {
        var recent = await schema.FindRecentAsync(db, retention.Cutoff, QueryValues.Limit(request, DefaultLimit, MaxLimit), cancellationToken);
        return ApiResults.Ok(new RecentCommentsView([.. recent.Select(ViewOf)]));
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

    private CommentView ViewOf(Comment comment) =>
        new(comment.Id, comment.UserName, comment.Text, comment.CreatedAt, retention.ExpiryOf(comment.CreatedAt));
}

/// <summary>The body of a request that writes a comment.</summary>
/// <param name="UserName">Who writes; as <see cref="UserNames"/> allows.</param>
/// <param name="Text">What; as <see cref="CommentText"/> allows.</param>
public sealed record NewComment(string UserName, string Text);

/// <summary>A comment as callers see it.</summary>
/// <param name="Id">The comment's id.</param>
/// <param name="UserName">Who wrote it.</param>
/// <param name="Text">What was written.</param>
/// <param name="CreatedAt">When it was written, in UTC.</param>
/// <param name="ExpiresAt">When it vanishes, in UTC.</param>
public sealed record CommentView(Guid Id, string UserName, string Text, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>A page of a user's comments.</summary>
/// <param name="UserName">Whose.</param>
/// <param name="Comments">Newest first.</param>
/// <param name="Next">The <c>before</c> of the next page; null on the last.</param>
public sealed record CommentPageView(
    string UserName,
    IReadOnlyList<CommentView> Comments,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);

/// <summary>The newest comments of all users.</summary>
/// <param name="Comments">Newest first.</param>
public sealed record RecentCommentsView(IReadOnlyList<CommentView> Comments);

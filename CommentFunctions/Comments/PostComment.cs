using CommentFunctions.Data;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Comments;

/// <summary>
/// <c>POST /api/comments</c> with <c>{"userName": …, "text": …}</c> writes a comment, and makes its user on first use. 201 with
/// the comment; 400 for a name or text that is not allowed;
/// 409 where the comments are those of a site, which alone writes them.
/// </summary>
public sealed class PostComment(CommentWriter writer, Retention retention)
{
    [Function(nameof(PostComment))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "comments")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (writer.ReadOnlyReason is { } why)
        {
            return ApiResults.Problem(StatusCodes.Status409Conflict, why);
        }

        var body = await JsonBody.ReadAsync<NewComment>(request, """{"userName": "…", "text": "…"}""", cancellationToken);
        Require.That(UserNames.IsValid(body.UserName), $"userName is not a user name. Allowed: {UserNames.Rule}.");
        Require.That(CommentText.IsValid(body.Text), $"text is not a comment's text. Allowed: {CommentText.Rule}.");

        var comment = await writer.PostAsync(body.UserName, body.Text, cancellationToken);
        return ApiResults.Created(
            ApiResults.Path(request, "comments", $"users/{Uri.EscapeDataString(comment.UserName)}/comments"),
            CommentView.Of(comment, retention));
    }
}

/// <summary>The body of a request to <see cref="PostComment"/>.</summary>
/// <param name="UserName">Who writes; as <see cref="UserNames"/> allows.</param>
/// <param name="Text">What; as <see cref="CommentText"/> allows.</param>
public sealed record NewComment(string UserName, string Text);

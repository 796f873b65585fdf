using CommentFunctions.Bot;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Channels;

/// <summary>Answers of functions that ask a channel's service on behalf of an operator.</summary>
internal static class ChannelResults
{
    /// <summary>What the service answered; 404 where the channel is not configured, 502 where the service refuses, 503 where it is out of reach or the channel off.</summary>
    public static async Task<IResult> OfCallAsync<T>(ChannelOptions options, Func<Task<T>> call)
    {
        if (WebhookIntake.Closed(options) is { } closed)
        {
            return closed;
        }

        try
        {
            return ApiResults.Ok(await call());
        }
        catch (PermanentChannelException e)
        {
            return ApiResults.Problem(StatusCodes.Status502BadGateway, e.Message);
        }
        catch (TransientChannelException e)
        {
            return ApiResults.Problem(StatusCodes.Status503ServiceUnavailable, e.Message);
        }
    }
}

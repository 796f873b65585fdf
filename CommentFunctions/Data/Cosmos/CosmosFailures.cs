using System.Net;
using System.Net.Sockets;
using Azure;
using Azure.Identity;
using CommentFunctions.Failures;
using Microsoft.Azure.Cosmos;

namespace CommentFunctions.Data.Cosmos;

/// <summary>Tells what the failures of Cosmos DB mean: https://learn.microsoft.com/azure/cosmos-db/nosql/conceptual-resilient-sdk-applications.</summary>
internal static class CosmosFailures
{
    // Of a database or container that is not there; of an item it is 0.
    internal const int OwnerMissing = 1003;

    /// <summary>Whether trying again in a moment may help. What was asked for may have been done all the same, save for a throttled request.</summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        CosmosException cosmos => (int)cosmos.StatusCode is 408 or 410 or 429 or 449 or >= 500,
        HttpRequestException or TimeoutException or IOException or SocketException => true,
        _ => false,
    };

    /// <summary>What keeps the store from doing this now and may pass; null for a failure of what was asked for.</summary>
    public static Outage? FindOutage(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is CosmosException cosmos)
            {
                return IsOutage(cosmos) ? new($"Cosmos DB answered {(int)cosmos.StatusCode}.", cosmos.RetryAfter) : null;
            }

            if (IsTransient(e) || e is AuthenticationFailedException)
            {
                return new($"Cosmos DB cannot be reached: {e.GetType().Name}.");
            }
        }

        return null;
    }

    /// <summary>Why the account cannot be used, with what to do, for who starts the app; null for another failure.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        CosmosException { StatusCode: HttpStatusCode.Unauthorized } => "the key is not one of the account's. Correct the setting.",
        CosmosException { StatusCode: HttpStatusCode.Forbidden } =>
            "it answered 403. The identity needs the role Cosmos DB Built-in Data Contributor, which takes minutes to work, and the account's firewall has to let this "
            + "machine in; to make containers takes a key, or infra/.",
        CosmosException cosmos => $"it answered {(int)cosmos.StatusCode}. Correct the setting, or see whether the account is there and works.",
        TimeoutException => $"it did not answer within {CosmosSchema.Timeout.TotalSeconds} s. Correct the setting, or see whether the account is there and works.",
        AuthenticationFailedException => "nobody could be signed in. Set Comments:Credential and Comments:ClientId, or sign in with az login.",
        RequestFailedException or HttpRequestException or SocketException or IOException =>
            $"it cannot be reached ({exception.GetType().Name}). Correct the setting, or see whether the account is there and works.",
        _ => null,
    };

    private static bool IsOutage(CosmosException exception) =>
        IsTransient(exception)
        || exception.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
        || exception is { StatusCode: HttpStatusCode.NotFound, SubStatusCode: OwnerMissing };
}

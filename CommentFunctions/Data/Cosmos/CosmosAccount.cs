using System.Data.Common;
using System.Net;
using Azure.Identity;
using Microsoft.Azure.Cosmos;

namespace CommentFunctions.Data.Cosmos;

/// <summary>Where a connection string of Cosmos DB leads to.</summary>
internal static class CosmosAddress
{
    /// <summary>The account's address; null for text that is no such connection string, with an address and a key that can be one.</summary>
    public static Uri? Find(string? connectionString)
    {
        DbConnectionStringBuilder parts;
        try
        {
            parts = new() { ConnectionString = connectionString ?? "" };
        }
        catch (ArgumentException)
        {
            return null;
        }

        return parts.TryGetValue("AccountEndpoint", out var endpoint)
            && Uri.TryCreate($"{endpoint}", UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https"
            && parts.TryGetValue("AccountKey", out var key)
            && $"{key}" is { Length: > 0 } text
            && Convert.TryFromBase64String(text, new byte[text.Length], out _)
            ? address
            : null;
    }
}

/// <summary>Finds out whether a container can be written, and writes nothing.</summary>
internal static class CosmosProbe
{
    // No item of the app's has it.
    private const string Nobody = "commentfunctions-probe";

    /// <summary>Deletes an item that is not there; returns what keeps others from being deleted and written, null where nothing does.</summary>
    public static async Task<string?> TryDeletionAsync(Container container, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await container.DeleteItemStreamAsync(Nobody, new PartitionKey(Nobody), cancellationToken: cancellationToken);
            return answer.StatusCode switch
            {
                HttpStatusCode.NotFound when answer.Headers["x-ms-substatus"] == $"{CosmosFailures.OwnerMissing}" => "it lacks a container of the app",
                HttpStatusCode.NotFound => null,
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "the account does not let the app write",
                HttpStatusCode.TooManyRequests => "the account is throttling",
                HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout => "the account does not answer",
                var status when (int)status >= 400 => $"the account answers {(int)status}",
                _ => null,
            };
        }
        catch (Exception e) when (e is HttpRequestException or AuthenticationFailedException)
        {
            return e is HttpRequestException ? "the account cannot be reached" : "nobody could be signed in to the account";
        }
    }
}

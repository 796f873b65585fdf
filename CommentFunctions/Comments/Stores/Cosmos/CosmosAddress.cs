using System.Data.Common;

namespace CommentFunctions.Comments.Stores.Cosmos;

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

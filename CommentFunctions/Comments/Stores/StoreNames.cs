namespace CommentFunctions.Comments.Stores;

/// <summary>The names that <c>Comments:Store</c> can have, each also the key under which its <see cref="CommentStore"/> is registered.</summary>
public static class StoreNames
{
    /// <summary>A SQLite file; in every build.</summary>
    public const string Sqlite = "Sqlite";

    /// <summary>A PostgreSQL database; in every build.</summary>
    public const string Postgres = "Postgres";

    /// <summary>Azure Cosmos DB; in builds for Azure.</summary>
    public const string Cosmos = "Cosmos";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [Sqlite, Postgres, Cosmos];

    /// <summary>The name as it is written here, whatever the case it came in; null for an unknown one.</summary>
    public static string? Find(string? name) => All.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
}

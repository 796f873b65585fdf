namespace CommentFunctions.Comments.Stores;

/// <summary>The containers of the data in Azure Cosmos DB, which infra/ makes.</summary>
public static class CosmosContainers
{
    /// <summary>The users.</summary>
    public static CosmosContainer Users { get; } = new("users", "userName", null);

    /// <summary>The comments.</summary>
    public static CosmosContainer Comments { get; } = new("comments", "userName", "createdAt");

    /// <summary>Conversations on the web.</summary>
    public static CosmosContainer Conversations { get; } = new("conversations", "conversation", "keptSince");

    /// <summary>Records of delivered replies.</summary>
    public static CosmosContainer Deliveries { get; } = new("deliveries", "id", "deliveredAt");

    /// <summary>Records of expiry runs.</summary>
    public static CosmosContainer Runs { get; } = new("expiry-runs", "id", "startedAt");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CosmosContainer> All { get; } = [Users, Comments, Conversations, Deliveries, Runs];
}

/// <summary>A container.</summary>
/// <param name="Name">Its name.</param>
/// <param name="PartitionKey">The property, as its items name it, that is the partition key.</param>
/// <param name="Time">The property that says from when on an item counts as old; null where items stay.</param>
public sealed record CosmosContainer(string Name, string PartitionKey, string? Time);

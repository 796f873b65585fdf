namespace CommentFunctions.Comments.Stores;

/// <summary>The names that <c>Comments:Schema</c> can have, each also the key under which its <see cref="CommentTables"/> are registered.</summary>
public static class SchemaNames
{
    /// <summary>Tables, or containers, of the app's own.</summary>
    public const string Own = "Own";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [Own];

    /// <summary>The name as it is written here, whatever the case it came in; null for an unknown one.</summary>
    public static string? Find(string? name) => All.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
}

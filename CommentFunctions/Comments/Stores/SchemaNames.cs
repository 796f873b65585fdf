namespace CommentFunctions.Comments.Stores;

/// <summary>The names that <c>Comments:Schema</c> can have, each also the key under which its <see cref="CommentTables"/> are registered.</summary>
public static class SchemaNames
{
    /// <summary>Tables, or containers, of the app's own.</summary>
    public const string Own = "Own";

    /// <summary>The tables of an existing Django site.</summary>
    public const string Django = "Django";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [Own, Django];

    /// <summary>The name as it is written here, whatever the case it came in; null for an unknown one.</summary>
    public static string? Find(string? name) => All.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
}

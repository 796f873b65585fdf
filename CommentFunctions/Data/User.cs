using System.Diagnostics.CodeAnalysis;

namespace CommentFunctions.Data;

/// <summary>Someone who wrote a comment. Deleting a user deletes their comments.</summary>
public sealed class User
{
    /// <summary>The key: 1 to 150 characters as <see cref="UserNames"/> allows them, told apart by case.</summary>
    public required string UserName { get; init; }
}

/// <summary>What the name of a user of the app's own may be.</summary>
public static class UserNames
{
    /// <summary>The most characters of a name.</summary>
    public const int MaxLength = 150;

    /// <summary>The rule, for messages to people.</summary>
    public const string Rule = "1 to 150 characters, each a letter, a digit or one of @ . + - _";

    /// <summary>Whether this is a user name.</summary>
    public static bool IsValid([NotNullWhen(true)] string? name) =>
        name is { Length: > 0 and <= MaxLength } && name.All(c => char.IsLetterOrDigit(c) || "@.+-_".Contains(c));
}

using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CommentFunctions.Data;

/// <summary>A comment that a user wrote; it vanishes once it is as old as the retention.</summary>
public sealed class Comment
{
    /// <summary>Rises with time, also among comments of one millisecond.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who wrote it.</summary>
    public required string UserName { get; init; }

    /// <summary>When it was written, in UTC, to the millisecond.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What was written: 1 to 1024 Unicode code points (<see cref="CommentText"/>).</summary>
    public required string Text { get; init; }
}

/// <summary>Someone who wrote a comment. Deleting a user deletes their comments.</summary>
public sealed class User
{
    /// <summary>The key: 1 to 150 characters as <see cref="UserNames"/> allows them, told apart by case.</summary>
    public required string UserName { get; init; }
}

/// <summary>What a comment's text may be. It is stored as it is: never trimmed, never normalised.</summary>
public static class CommentText
{
    /// <summary>The most Unicode code points of a text: an emoji counts once.</summary>
    public const int MaxLength = 1024;

    /// <summary>The rule, for messages to people.</summary>
    public const string Rule = "1 to 1024 Unicode code points, not only white space, without NUL and without half of a surrogate pair";

    /// <summary>Whether this is a comment's text.</summary>
    public static bool IsValid(string? text) => !string.IsNullOrWhiteSpace(text) && CodePoints.Fit(text, MaxLength);
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

/// <summary>Texts as stores keep them, in whose length an emoji counts once.</summary>
internal static class CodePoints
{
    /// <summary>Whether the text has so many code points at the most, and nothing that no store takes: NUL, or half of a surrogate pair.</summary>
    public static bool Fit(string text, int most)
    {
        if (text.Length > 2 * most || text.Contains('\0'))
        {
            return false;
        }

        var length = 0;
        for (var rest = text.AsSpan(); !rest.IsEmpty; length++)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            rest = rest[consumed..];
        }

        return length <= most;
    }
}

using System.Text;

namespace CommentFunctions.Comments;

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

namespace CommentFunctions.Channels.Web;

/// <summary>What a conversation's name may be: what stands in a URL as it is.</summary>
public static class Conversations
{
    /// <summary>The rule, for messages to people.</summary>
    public const string Rule = "1 to 128 characters, each a letter A-Z or a-z, a digit or one of . _ - ~";

    /// <summary>Whether this is a conversation's name.</summary>
    public static bool IsValid(string? name) =>
        name is { Length: > 0 and <= 128 } && name.All(c => char.IsAsciiLetterOrDigit(c) || "._-~".Contains(c));
}

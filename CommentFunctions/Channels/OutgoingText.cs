using System.Globalization;

namespace CommentFunctions.Channels;

/// <summary>Makes texts fit into what a service takes.</summary>
internal static class OutgoingText
{
    private const string Ellipsis = "…";

    /// <summary>The text, cut to this many UTF-16 units with an ellipsis at the end where it is longer; never within a character.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        var end = 0;
        while (end + StringInfo.GetNextTextElementLength(text.AsSpan(end)) is var next && next <= most - Ellipsis.Length)
        {
            end = next;
        }

        // One character of thousands of marks has no end within the limit.
        return (end > 0 ? text[..end] : "") + Ellipsis;
    }
}

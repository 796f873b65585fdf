using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CommentFunctions.Data.Cosmos;

/// <summary>
/// Ids as items can have them. An item whose id has one of <c>/ \ ? #</c>, or a <c>%</c>, can be written and never be read or deleted by
/// its key; ids of channels have them, such as WhatsApp's, which are base64. They become <c>~</c> and two hexadecimal digits.
/// </summary>
/// <remarks>https://learn.microsoft.com/rest/api/cosmos-db/documents: the characters that an id may not have.</remarks>
public sealed class CosmosIds() : ValueConverter<string, string>(id => Escape(id), stored => Unescape(stored))
{
    private const char Mark = '~';

    /// <summary>The id as an item has it.</summary>
    public static string Escape(string id)
    {
        if (id.All(IsSafe))
        {
            return id;
        }

        var escaped = new StringBuilder(id.Length + 8);
        foreach (var c in id)
        {
            _ = IsSafe(c) ? escaped.Append(c) : escaped.Append(CultureInfo.InvariantCulture, $"{Mark}{(int)c:X2}");
        }

        return escaped.ToString();
    }

    /// <summary>The id that became this one.</summary>
    public static string Unescape(string stored)
    {
        var parts = stored.Split(Mark);
        return parts.Length == 1
            ? stored
            : parts[0] + string.Concat(parts.Skip(1).Select(part => (char)int.Parse(part[..2], NumberStyles.HexNumber, CultureInfo.InvariantCulture) + part[2..]));
    }

    private static bool IsSafe(char c) => c is not (Mark or '/' or '\\' or '?' or '#' or '%') && !char.IsControl(c);
}

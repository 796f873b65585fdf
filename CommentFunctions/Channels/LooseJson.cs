using System.Text.Json;

namespace CommentFunctions.Channels;

/// <summary>Reads JSON of which nothing is certain: a text that is half a character is none.</summary>
internal static class LooseJson
{
    /// <summary>The property of this name; undefined where there is none.</summary>
    public static JsonElement Find(this JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>The items of an array; none of what is no array.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().AsEnumerable() : [];

    /// <summary>The text; null where it is none.</summary>
    public static string? Text(this JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The whole number; null where it is none.</summary>
    public static long? Number(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) ? number : null;

    /// <summary>What the element describes; null where that is something else.</summary>
    public static T? As<T>(this JsonElement element)
        where T : class
    {
        try
        {
            return element.ValueKind == JsonValueKind.Undefined ? null : element.Deserialize<T>(WebhookIntake.Reading);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Times as services write them.</summary>
internal static class UnixTimes
{
    private static readonly long Last = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The time of so many seconds after the beginning of 1970; null for none, and for what is no time.</summary>
    public static DateTimeOffset? FromSeconds(long? seconds) =>
        seconds is >= 0 && seconds <= Last / 1000 ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value) : null;

    /// <summary>The time of so many milliseconds after the beginning of 1970; null for none, and for what is no time.</summary>
    public static DateTimeOffset? FromMilliseconds(long? milliseconds) =>
        milliseconds is >= 0 && milliseconds <= Last ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds.Value) : null;
}

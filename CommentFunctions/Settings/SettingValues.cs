using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CommentFunctions.Settings;

/// <summary>
/// Durations as settings and queries write them, never negative: <c>[d.]hh:mm:ss[.fffffff]</c>, or a whole number with its unit, <c>7d</c>,
/// <c>12h</c>, <c>30m</c> or <c>45s</c>.
/// </summary>
public static class Durations
{
    /// <summary>The form, for messages to people.</summary>
    public const string Form = "[d.]hh:mm:ss or a number with d, h, m or s, such as 1.00:00:00 or 1d for one day, 00:30:00 or 30m for half an hour";

    // TimeSpan.Parse reads "24:00:00" as 24 days and "6" as six days, which makes a retention of weeks out of one of a day.
    private static readonly string[] Formats =
        [@"hh\:mm\:ss", @"hh\:mm\:ss\.FFFFFFF", @"d\.hh\:mm\:ss", @"d\.hh\:mm\:ss\.FFFFFFF"];

    // As days they still are a duration.
    private const int MostUnits = 9_999_999;

    /// <summary>Reads a duration; false for any other form, hours beyond 23 included.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration) =>
        TimeSpan.TryParseExact(text, Formats, CultureInfo.InvariantCulture, out duration) || TryParseUnit(text, out duration);

    private static bool TryParseUnit(string? text, out TimeSpan duration)
    {
        TimeSpan? unit = text?.LastOrDefault() switch
        {
            'd' => TimeSpan.FromDays(1),
            'h' => TimeSpan.FromHours(1),
            'm' => TimeSpan.FromMinutes(1),
            's' => TimeSpan.FromSeconds(1),
            _ => null,
        };
        duration = default;
        if (unit is null || !int.TryParse(text.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > MostUnits)
        {
            return false;
        }

        duration = number * unit.Value;
        return true;
    }
}

/// <summary>
/// Settings that Azure was to replace by a secret of a vault. Where it could not, the app finds the reference itself, which is no
/// secret: it counts as no value.
/// </summary>
public static class KeyVaultReference
{
    private const string Prefix = "@Microsoft.KeyVault(";

    /// <summary>Whether this value is still the reference.</summary>
    public static bool IsUnresolved(string? value) =>
        value is not null && value.AsSpan().TrimStart().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with the setting of this name, and what to do about it.</summary>
    public static string Explain(string setting) =>
        $"{setting} is a Key Vault reference that was not resolved. See to it that the vault has the secret and that the app's identity may read it, "
        + "then restart the app.";
}

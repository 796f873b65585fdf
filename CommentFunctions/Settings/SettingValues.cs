using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CommentFunctions.Settings;

/// <summary>Durations as settings and queries write them: <c>[d.]hh:mm:ss[.fffffff]</c>, never negative.</summary>
public static class Durations
{
    /// <summary>The form, for messages to people.</summary>
    public const string Form = "[d.]hh:mm:ss, such as 1.00:00:00 for one day or 00:30:00 for half an hour";

    // TimeSpan.Parse reads "24:00:00" as 24 days and "6" as six days, which makes a retention of weeks out of one of a day.
    private static readonly string[] Formats =
        [@"hh\:mm\:ss", @"hh\:mm\:ss\.FFFFFFF", @"d\.hh\:mm\:ss", @"d\.hh\:mm\:ss\.FFFFFFF"];

    /// <summary>Reads a duration; false for any other form, hours beyond 23 included.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration) =>
        TimeSpan.TryParseExact(text, Formats, CultureInfo.InvariantCulture, out duration);
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

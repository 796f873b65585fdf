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

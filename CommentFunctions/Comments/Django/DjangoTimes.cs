using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CommentFunctions.Comments.Django;

/// <summary>A time in a <c>timestamptz</c>, as Django keeps it on PostgreSQL whatever its settings are.</summary>
public sealed class DjangoInstant() : ValueConverter<DateTimeOffset, DateTime>(
    moment => moment.UtcDateTime,
    stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));

/// <summary>
/// A time as text, as Django keeps it on SQLite: <c>YYYY-MM-DD HH:MM:SS</c>, with six more digits where the fraction is not zero. Read are
/// the other forms of ISO 8601 as well, which came by other programs than the site: with <c>T</c>, without seconds or time, and with an
/// offset, which then counts in place of the site's zone.
/// </summary>
public sealed partial class DjangoText(SiteTime site) : ValueConverter<DateTimeOffset, string>(
    moment => Write(site.ToLocal(moment)),
    stored => Read(stored, site))
{
    private const string Seconds = "yyyy-MM-dd HH:mm:ss";

    private static readonly string[] Forms = [Seconds, Seconds + ".FFFFFFF"];

    /// <summary>The moment that a text means; false where it is no time.</summary>
    public static bool TryRead(string stored, SiteTime site, out DateTimeOffset moment)
    {
        ArgumentNullException.ThrowIfNull(site);
        if (DateTime.TryParseExact(stored, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            moment = site.ToUtc(local);
            return true;
        }

        moment = default;
        var match = Iso().Match(stored);
        if (!match.Success || !DateTime.TryParseExact(Usual(match), Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out local))
        {
            return false;
        }

        moment = match.Groups["sign"].Success ? new(Shifted(local, match), TimeSpan.Zero) : match.Groups["utc"].Success ? new(local, TimeSpan.Zero) : site.ToUtc(local);
        return true;
    }

    private static DateTimeOffset Read(string stored, SiteTime site) =>
        TryRead(stored, site, out var moment) ? moment : throw new FormatException("A time of the site's is no date and time.");

    private static string Write(DateTime local)
    {
        var hasFraction = local.Ticks % TimeSpan.TicksPerSecond >= TimeSpan.TicksPerMicrosecond;
        return local.ToString(hasFraction ? Seconds + ".ffffff" : Seconds, CultureInfo.InvariantCulture);
    }

    // Of the same moment, as Django would have written it.
    private static string Usual(Match match)
    {
        return $"{match.Groups["date"].Value} {Or("time", "00:00")}:{Or("seconds", "00")}.{Or("fraction", "0")}";

        string Or(string group, string otherwise) => match.Groups[group] is { Success: true, Value: var value } ? value : otherwise;
    }

    private static DateTime Shifted(DateTime local, Match match)
    {
        var offset = new TimeSpan(Number("hours"), Number("minutes"), 0);
        var ticks = local.Ticks - (match.Groups["sign"].Value == "-" ? -offset : offset).Ticks;
        return new(Math.Clamp(ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks));

        int Number(string group) => int.TryParse(match.Groups[group].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    [GeneratedRegex("""
        ^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})
        ([T ](?<time>[0-9]{2}:[0-9]{2})(:(?<seconds>[0-9]{2})([.,](?<fraction>[0-9]{1,7})[0-9]*)?)?
        [ ]?((?<utc>Z)|(?<sign>[+-])(?<hours>[0-9]{2})(:?(?<minutes>[0-9]{2}))?)?)?\z
        """, RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Iso();
}

using System.Globalization;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CommentFunctions.Comments.Django;

/// <summary>A time in a <c>timestamptz</c>, as Django keeps it on PostgreSQL whatever its settings are.</summary>
public sealed class DjangoInstant() : ValueConverter<DateTimeOffset, DateTime>(
    moment => moment.UtcDateTime,
    stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));

/// <summary>
/// A time as text, as Django keeps it on SQLite: <c>YYYY-MM-DD HH:MM:SS</c>, with six more digits where the fraction is not zero. Such
/// texts have the order of the times, for the shorter one of two that begin alike comes first.
/// </summary>
public sealed class DjangoText(SiteTime site) : ValueConverter<DateTimeOffset, string>(
    moment => Write(site.ToLocal(moment)),
    stored => site.ToUtc(Read(stored)))
{
    private const string Seconds = "yyyy-MM-dd HH:mm:ss";

    private static string Write(DateTime local)
    {
        var hasFraction = local.Ticks % TimeSpan.TicksPerSecond >= TimeSpan.TicksPerMicrosecond;
        return local.ToString(hasFraction ? Seconds + ".ffffff" : Seconds, CultureInfo.InvariantCulture);
    }

    private static DateTime Read(string stored) =>
        DateTime.ParseExact(stored, [Seconds, Seconds + ".FFFFFFF"], CultureInfo.InvariantCulture, DateTimeStyles.None);
}

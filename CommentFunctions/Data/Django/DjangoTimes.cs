using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CommentFunctions.Data.Django;

/// <summary>A time in a <c>timestamptz</c>, as Django keeps it on PostgreSQL whatever its settings are.</summary>
public sealed class DjangoInstant() : ValueConverter<DateTimeOffset, DateTime>(
    moment => moment.UtcDateTime,
    stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));

/// <summary>
/// A time in a <c>timestamp</c> without a zone. What is compared with is the latest local time that means no later moment, so that the
/// answer is that of comparing moments.
/// </summary>
public sealed class DjangoLocalTime(SiteTime site) : ValueConverter<DateTimeOffset, DateTime>(
    moment => DateTime.SpecifyKind(site.ToLocal(moment), DateTimeKind.Unspecified),
    stored => site.ToUtc(DateTime.SpecifyKind(stored, DateTimeKind.Unspecified)));

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

/// <summary>When rows were written, for statements to compare and to sort by.</summary>
internal static class SiteMoments
{
    private static readonly MethodInfo Method = typeof(SiteMoments).GetMethod(nameof(Of))!;

    /// <summary>The moment of a row's time; nothing for a text that is no time, so that the row is neither shown nor deleted. For queries alone.</summary>
    public static DateTimeOffset Of(DateTimeOffset timestamp) => throw new InvalidOperationException("Only the database can tell.");

    /// <summary>Translates <see cref="Of"/> in queries.</summary>
    public static void Map(ModelBuilder modelBuilder, SiteDialect dialect) =>
        modelBuilder.HasDbFunction(Method).HasTranslation(arguments => dialect.Moment(arguments[0]));
}

/// <summary>
/// A site's local times without an offset, as Django writes them with <c>USE_TZ = False</c>. Where the clock is set
/// back an hour comes twice; such a time is taken for the later one, so that no comment is taken for older than it is.
/// </summary>
/// <remarks>
/// Offsets are asked for by moments only: the framework's own answers for local times miss hours that come twice in zones whose
/// winter is the exception, as Morocco's.
/// </remarks>
public sealed class SiteTime(TimeZoneInfo zone)
{
    // What Django keeps of a time.
    private static readonly TimeSpan Step = TimeSpan.FromMicroseconds(1);

    // Clocks are not set twice within so much time before and after.
    private static readonly TimeSpan Around = TimeSpan.FromDays(1);

    /// <summary>The moment that a local time means.</summary>
    public DateTimeOffset ToUtc(DateTime local)
    {
        var (earlier, later) = Offsets(local);
        // The later one of two moments is that of the smaller offset; so is the later one of none, in an hour that was left out.
        var (small, large) = earlier < later ? (earlier, later) : (later, earlier);
        return Means(local, small) || !Means(local, large) ? Moment(local, small) : Moment(local, large);
    }

    /// <summary>
    /// The latest local time that means this moment or an earlier one: so comparing local times with it gives the same answer as
    /// comparing the moments that they mean.
    /// </summary>
    public DateTime ToLocal(DateTimeOffset moment)
    {
        var offset = zone.GetUtcOffset(moment);
        var local = Local(moment, offset);
        // In the first of two equal hours no time of that hour has been reached, for all of them are taken for the second one's.
        return ToUtc(local) is var meant && meant > moment ? StartOfRepeatedHour(moment, meant) - Step : local;
    }

    // The clock is set back at the moment at which the offset changes; the hour begins at the local time that it is set back to.
    private DateTime StartOfRepeatedHour(DateTimeOffset before, DateTimeOffset after)
    {
        var offset = zone.GetUtcOffset(before);
        while (after - before > Step)
        {
            var middle = before + ((after - before) / 2);
            (before, after) = zone.GetUtcOffset(middle) == offset ? (middle, after) : (before, middle);
        }

        // Clocks are set at whole seconds.
        var change = after - TimeSpan.FromTicks(after.UtcTicks % TimeSpan.TicksPerSecond);
        return Local(change, zone.GetUtcOffset(change));
    }

    private (TimeSpan Earlier, TimeSpan Later) Offsets(DateTime local)
    {
        var near = Moment(local, TimeSpan.Zero);
        return (
            zone.GetUtcOffset(near - DateTimeOffset.MinValue > Around ? near - Around : near),
            zone.GetUtcOffset(DateTimeOffset.MaxValue - near > Around ? near + Around : near));
    }

    private bool Means(DateTime local, TimeSpan offset) => zone.GetUtcOffset(Moment(local, offset)) == offset;

    private static DateTimeOffset Moment(DateTime local, TimeSpan offset) => new(Shifted(local.Ticks, -offset), TimeSpan.Zero);

    private static DateTime Local(DateTimeOffset moment, TimeSpan offset) => new(Shifted(moment.UtcTicks, offset));

    private static long Shifted(long ticks, TimeSpan by) => Math.Clamp(ticks + by.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks);
}

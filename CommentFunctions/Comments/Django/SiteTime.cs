namespace CommentFunctions.Comments.Django;

/// <summary>
/// The clock on a site's wall: local times without an offset, as Django writes them with <c>USE_TZ = False</c>. Where the clock is set
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

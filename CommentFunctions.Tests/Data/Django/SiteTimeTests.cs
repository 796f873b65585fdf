using System.Globalization;
using CommentFunctions.Data.Django;

namespace CommentFunctions.Tests.Data.Django;

public class SiteTimeTests
{
    private static readonly SiteTime Berlin = new(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

    [Theory]
    [InlineData("2026-07-15 12:00:00", "2026-07-15T10:00:00Z")]
    [InlineData("2026-10-25 01:59:59.999999", "2026-10-24T23:59:59.999999Z")]
    [InlineData("2026-10-25 02:00:00", "2026-10-25T01:00:00Z")]
    [InlineData("2026-10-25 02:30:00", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25 03:00:00", "2026-10-25T02:00:00Z")]
    public void A_local_time_that_came_twice_is_taken_for_the_later_one(string local, string utc) =>
        Assert.Equal(Moment(utc), Berlin.ToUtc(DateTime.Parse(local, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("2026-10-24T23:59:59.999999Z", "2026-10-25 01:59:59.999999")]
    [InlineData("2026-10-25T00:00:00Z", "2026-10-25 01:59:59.999999")]
    [InlineData("2026-10-25T00:59:59Z", "2026-10-25 01:59:59.999999")]
    [InlineData("2026-10-25T01:00:00Z", "2026-10-25 02:00:00.000000")]
    [InlineData("2026-10-25T01:30:00Z", "2026-10-25 02:30:00.000000")]
    [InlineData("2026-03-29T00:59:59Z", "2026-03-29 01:59:59.000000")]
    [InlineData("2026-03-29T01:00:00Z", "2026-03-29 03:00:00.000000")]
    public void A_moment_is_the_latest_local_time_that_means_it_or_an_earlier_one(string utc, string local) =>
        Assert.Equal(local, Berlin.ToLocal(Moment(utc)).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/St_Johns")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Africa/Casablanca")]
    [InlineData("Asia/Kolkata")]
    public void Local_times_compare_as_the_moments_that_they_mean(string zone)
    {
        var site = new SiteTime(TimeZoneInfo.FindSystemTimeZoneById(zone));
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var written = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(365 * 24 * 60));
            var local = TimeZoneInfo.ConvertTime(written, TimeZoneInfo.FindSystemTimeZoneById(zone)).DateTime;
            var cutoff = written.AddMinutes(random.Next(-180, 180));

            Assert.Equal(site.ToUtc(local) <= cutoff, local <= site.ToLocal(cutoff));
            Assert.True(site.ToUtc(local) >= written);
            Assert.Equal(local, site.ToLocal(site.ToUtc(local)));
        }
    }

    [Fact]
    public void Times_as_text_have_the_order_of_the_times()
    {
        var converter = new DjangoText(new SiteTime(TimeZoneInfo.Utc));
        DateTimeOffset[] times =
        [
            Moment("2026-01-15T11:59:59.999999Z"), Moment("2026-01-15T12:00:00Z"), Moment("2026-01-15T12:00:00.000001Z"),
            Moment("2026-01-15T12:00:00.5Z"), Moment("2026-01-15T12:00:01Z"),
        ];

        var texts = times.Select(time => (string)converter.ConvertToProvider(time)!).ToList();

        Assert.Equal("2026-01-15 12:00:00", texts[1]);
        Assert.Equal("2026-01-15 12:00:00.500000", texts[3]);
        Assert.Equal(texts, texts.Order(StringComparer.Ordinal));
        Assert.Equal(times, texts.Select(text => (DateTimeOffset)converter.ConvertFromProvider(text)!));
    }

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}

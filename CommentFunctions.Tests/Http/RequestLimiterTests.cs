using System.Net;
using CommentFunctions.Http;
using CommentFunctions.Telemetry;
using CommentFunctions.Tests.Support;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Http;

/// <summary>Who shares a limit with whom, and what is told of refusals.</summary>
public class RequestLimiterTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("2001:db8:1:2::1", "192.0.2.1", false)]
    public void An_address_of_IPv6_counts_by_its_first_half(string one, string other, bool share)
    {
        Assert.Equal(share, RequestLimiter.BucketOf(IPAddress.Parse(one)) == RequestLimiter.BucketOf(IPAddress.Parse(other)));
        Assert.Equal(share, RequestLimiter.BucketOf(IPAddress.Parse(one), "demo") == RequestLimiter.BucketOf(IPAddress.Parse(other), "demo"));
    }

    [Fact]
    public void However_many_addresses_call_the_buckets_are_so_many()
    {
        var buckets = Enumerable.Range(0, 200_000).Select(i => RequestLimiter.BucketOf(new IPAddress(i))).ToList();

        Assert.InRange(buckets.Distinct().Count(), 10_000, 1 << 14);
        Assert.InRange(buckets.Max(), 1, (1 << 14) - 1);
    }

    [Fact]
    public async Task Refusals_are_counted_by_their_limit_and_told_once_a_minute()
    {
        var log = new LogLines(typeof(RequestLimiter).FullName, LogLevel.Warning);
        await using var app = await TestApp.StartAsync(
            new() { ["RequestLimits:PerSecondPerAddress"] = "1", ["RequestLimits:PerSecondPerConversation"] = "1" }, log: log);
        using var measurements = new Measurements(app);
        app.Clock.Measures = true;
        var limiter = app.Services.GetRequiredService<RequestLimiter>();
        var http = From("192.0.2.1");

        Refuse(() => limiter.Count(http));
        Refuse(() => limiter.Count(http));
        Refuse(() => limiter.Count(http, "demo"));
        Assert.Null(limiter.Count(From("192.0.2.2")));

        Assert.Equal(["limit=address", "limit=address", "limit=conversation"], measurements.TagsOf(TelemetryNames.RequestsRefused));
        Assert.Equal(2, log.Lines.Count);
        Assert.Contains("192.0.2.1", log.Lines[0], StringComparison.Ordinal);
        app.Clock.Now += TimeSpan.FromMinutes(1);
        Refuse(() => limiter.Count(http));
        Assert.Equal(3, log.Lines.Count);
        Assert.Contains(Enumerable.Range(0, 1_000), _ => limiter.Count(http) is not null && limiter.IsExhausted(http));
    }

    [Fact]
    public async Task No_limit_is_no_limit()
    {
        await using var app = await TestApp.StartAsync(new() { ["RequestLimits:PerSecondPerAddress"] = "0", ["RequestLimits:PerSecondPerConversation"] = "0" });
        var limiter = app.Services.GetRequiredService<RequestLimiter>();
        var http = From("192.0.2.1");

        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.Null(limiter.Count(http) ?? limiter.Count(http, "demo")));
        Assert.False(limiter.IsExhausted(http));
    }

    private static void Refuse(Func<IResult?> count)
    {
        for (var i = 0; count() is null; i++)
        {
            Assert.True(i < 1_000, "1,000 calls at once, and none is refused.");
        }
    }

    private static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Threading.RateLimiting;
using CommentFunctions.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Http;

/// <summary>
/// Limits the calls of those who need no key, in this process: token buckets that hold five seconds' worth, by address and by address and
/// conversation. A conversation's bucket belongs to one address, so that nobody who learns its name can use up the calls of somebody else.
/// </summary>
/// <remarks>
/// The address is the connection's. Both hosts put the caller's there, as the nearest proxy that they trust tells it: under the Functions
/// host that is the platform's front end, whose entry is the last of X-Forwarded-For.
/// </remarks>
public sealed partial class RequestLimiter : IDisposable
{
    // Addresses share buckets by a hash that differs in each process. So the memory has a bound whoever calls, and nobody can choose whose
    // bucket he empties.
    private const int Buckets = 1 << 14;

    private const int BurstSeconds = 5;

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Limit ofAddress;
    private readonly Limit ofConversation;
    private readonly Counter<long> refused;
    private readonly TimeProvider clock;
    private readonly ILogger<RequestLimiter> logger;

    public RequestLimiter(IOptions<RequestLimitOptions> options, IMeterFactory meters, TimeProvider clock, ILogger<RequestLimiter> logger)
    {
        ofAddress = new(TelemetryNames.PerAddress, options.Value.OfAddress);
        ofConversation = new(TelemetryNames.PerConversation, options.Value.OfConversation);
        refused = meters.Create(TelemetryNames.App).CreateCounter<long>(
            TelemetryNames.RequestsRefused, "{request}", "Calls that were more than their caller's limit.");
        (this.clock, this.logger) = (clock, logger);
    }

    /// <summary>Counts a call; the answer where it is more than its address may make, else null.</summary>
    public IResult? Count(HttpContext http) => Count(ofAddress, http, BucketOf(http.Connection.RemoteIpAddress));

    /// <summary>Counts a call about a conversation; the answer where it is more than its address may make about it, else null.</summary>
    public IResult? Count(HttpContext http, string conversation) =>
        Count(ofConversation, http, BucketOf(http.Connection.RemoteIpAddress, conversation));

    /// <summary>Whether the address of this call has made as many as it may; the call is not counted.</summary>
    public bool IsExhausted(HttpContext http) =>
        ofAddress.Limiter?.GetStatistics(BucketOf(http.Connection.RemoteIpAddress)) is { CurrentAvailablePermits: 0 };

    public void Dispose()
    {
        ofAddress.Dispose();
        ofConversation.Dispose();
    }

    /// <summary>The bucket of an address: of IPv6 the first half counts, which is what one household or machine is given.</summary>
    internal static int BucketOf(IPAddress? address, string? conversation = null)
    {
        Span<byte> bytes = stackalloc byte[16];
        var length = 0;
        address = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        address?.TryWriteBytes(bytes, out length);
        var hash = new HashCode();
        hash.AddBytes(bytes[..Math.Min(length, 8)]);
        hash.Add(conversation);
        return hash.ToHashCode() & (Buckets - 1);
    }

    private IResult? Count(Limit limit, HttpContext http, int bucket)
    {
        using var lease = limit.Limiter?.AttemptAcquire(bucket);
        if (lease is not { IsAcquired: false })
        {
            return null;
        }

        refused.Add(1, new TagList { { TelemetryNames.Limit, limit.Name } });
        if (limit.IsToBeTold(clock))
        {
            Log.Refused(logger, http.Connection.RemoteIpAddress, limit.PerSecond, limit.Name);
        }

        return ApiResults.TooManyRequests(lease.TryGetMetadata(MetadataName.RetryAfter, out var pause) ? pause : TimeSpan.FromSeconds(1));
    }

    private sealed class Limit : IDisposable
    {
        private const long Never = long.MinValue;

        private long told = Never;

        public Limit(string name, int perSecond)
        {
            (Name, PerSecond) = (name, perSecond);
            var bucket = new TokenBucketRateLimiterOptions
            {
                TokensPerPeriod = Math.Max(1, perSecond),
                TokenLimit = Math.Max(1, perSecond) * BurstSeconds,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            };
            Limiter = perSecond == 0
                ? null
                : PartitionedRateLimiter.Create<int, int>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => bucket));
        }

        public string Name { get; }

        public int PerSecond { get; }

        /// <summary>Null where there is no limit.</summary>
        public PartitionedRateLimiter<int>? Limiter { get; }

        /// <summary>Once in a while: who calls must not decide how much is logged.</summary>
        public bool IsToBeTold(TimeProvider clock)
        {
            var (last, now) = (Interlocked.Read(ref told), clock.GetTimestamp());
            return (last == Never || clock.GetElapsedTime(last, now) >= Quiet) && Interlocked.CompareExchange(ref told, now, last) == last;
        }

        public void Dispose() => Limiter?.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Calls are answered 429: the address {Address} made more than {PerSecond} in a second (limit {Limit}). The metric requests.refused counts all; the log tells once a minute.")]
        public static partial void Refused(ILogger logger, System.Net.IPAddress? address, int perSecond, string limit);
    }
}

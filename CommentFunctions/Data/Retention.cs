using CommentFunctions.Settings;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Data;

/// <summary>How old a comment becomes. A comment of exactly this age has expired.</summary>
public sealed class Retention(IOptions<CommentOptions> options, TimeProvider clock)
{
    /// <summary>The shortest retention: times are kept in milliseconds, and less than a second is a mistake.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>The longest retention, about ten years.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>The age at which a comment expires.</summary>
    public TimeSpan Age { get; } = Durations.TryParse(options.Value.Retention, out var age)
        ? age.InMilliseconds()
        : throw new InvalidOperationException("The options were not validated.");

    /// <summary>The time now, in UTC, to the millisecond.</summary>
    public DateTimeOffset Now => clock.GetUtcNowInMilliseconds();

    /// <summary>What was written at this time or earlier has expired.</summary>
    public DateTimeOffset Cutoff => Now - Age;

    /// <summary>When something written at this time expires.</summary>
    public DateTimeOffset ExpiryOf(DateTimeOffset createdAt) => createdAt + Age;

    /// <summary>Whether something written at this time has expired.</summary>
    public bool HasExpired(DateTimeOffset createdAt) => createdAt <= Cutoff;
}

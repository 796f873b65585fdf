using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CommentFunctions.Comments;

/// <summary>
/// Stores a time as Unix milliseconds. SQLite can neither order nor compare a DateTimeOffset, and ticks exceed the 53 bits that
/// Cosmos DB keeps of a number.
/// </summary>
public sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
    time => time.ToUnixTimeMilliseconds(),
    stored => DateTimeOffset.FromUnixTimeMilliseconds(stored));

/// <summary>Stores a duration as whole milliseconds, like the times beside it.</summary>
public sealed class DurationMilliseconds() : ValueConverter<TimeSpan, long>(
    duration => duration.Ticks / TimeSpan.TicksPerMillisecond,
    stored => TimeSpan.FromTicks(stored * TimeSpan.TicksPerMillisecond));

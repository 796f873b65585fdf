using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CommentFunctions.Data;

/// <summary>
/// Makes version 7 GUIDs (RFC 9562) that rise strictly within this process, also within one millisecond and when the clock is
/// set back. Safe to share.
/// </summary>
/// <remarks><see cref="Guid.CreateVersion7()"/> fills all bits after the millisecond at random, so ids of one millisecond have no order.</remarks>
public sealed class TimeOrderedIds(TimeProvider clock)
{
    // rand_a has 12 bits. It starts low and at random, which leaves room to count and keeps two processes apart.
    private const int CounterLimit = 1 << 12;
    private const int CounterStart = 1 << 10;

    private readonly Lock gate = new();
    private long millisecond;
    private int counter;

    /// <summary>The next id.</summary>
    public Guid Next()
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes[8..]);
        lock (gate)
        {
            Advance(now);
            BinaryPrimitives.WriteInt64BigEndian(bytes, millisecond << 16);
            BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | counter));
        }

        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The one id of this time, the same wherever it is asked for: for what there may be once.</summary>
    public static Guid Of(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.ToUnixTimeMilliseconds() << 16);
        (bytes[6], bytes[8]) = (0x70, 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private void Advance(long now)
    {
        if (now > millisecond)
        {
            millisecond = now;
            counter = RandomNumberGenerator.GetInt32(CounterStart);
        }
        else if (++counter == CounterLimit)
        {
            millisecond++;
            counter = RandomNumberGenerator.GetInt32(CounterStart);
        }
    }
}

/// <summary>Times at the precision in which they are stored.</summary>
public static class Milliseconds
{
    /// <summary>The current time in UTC, cut to the millisecond, so that a time read back equals the one that was set.</summary>
    public static DateTimeOffset GetUtcNowInMilliseconds(this TimeProvider clock) =>
        DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The duration, cut to the millisecond.</summary>
    public static TimeSpan InMilliseconds(this TimeSpan duration) =>
        new(duration.Ticks - (duration.Ticks % TimeSpan.TicksPerMillisecond));
}

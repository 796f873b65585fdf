namespace CommentFunctions.Channels;

/// <summary>Times as services write them.</summary>
internal static class UnixTimes
{
    private static readonly long Last = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The time of so many seconds after the beginning of 1970; null for none, and for what is no time.</summary>
    public static DateTimeOffset? FromSeconds(long? seconds) => seconds is >= 0 && seconds <= Last / 1000 ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value) : null;

    /// <summary>The time of so many milliseconds after the beginning of 1970; null for none, and for what is no time.</summary>
    public static DateTimeOffset? FromMilliseconds(long? milliseconds) =>
        milliseconds is >= 0 && milliseconds <= Last ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds.Value) : null;
}

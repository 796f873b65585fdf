using System.Security.Cryptography;
using System.Text;

namespace CommentFunctions.Benchmarks.Bot;

/// <summary>The amounts, the times in Unix milliseconds, and the messages.</summary>
internal static class BotData
{
    public const int Comments = 200_000;
    public const int Users = 10_000;

    /// <summary>The users below this number have comments, 25 each; the others have none.</summary>
    public const int Writers = 8_000;

    public const int Messages = 20_000;
    public const int WarmUp = 2_000;

    /// <summary>Under the default retention of a day, with room for the time that the benchmark takes.</summary>
    public static readonly long Cutoff = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (24L * 3600 * 1000);

    /// <summary>The comments lie in the 20 hours from here, and this far apart; all that is asked for is there to the end.</summary>
    public static readonly long Oldest = Cutoff + (3L * 3600 * 1000);
    public const long Step = 20L * 3600 * 1000 / Comments;

    /// <summary>What the messages say: 70 % a user with comments, 20 % one without, 10 % nobody's name; the same in every run.</summary>
    public static IReadOnlyList<string> Names { get; } = MakeNames();

    /// <summary>What tells whether all have answered the same.</summary>
    public static string Hash(IReadOnlyList<string> replies) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', replies))));

#pragma warning disable CA5394 // The same numbers in every run are what is wanted.
    private static string[] MakeNames()
    {
        var random = new Random(20_000);
        return [.. Enumerable.Range(0, Messages).Select(_ => random.Next(10) switch
        {
            < 7 => $"user{random.Next(Writers)}",
            < 9 => $"user{random.Next(Writers, Users)}",
            _ => $"nobody{random.Next(Users)}",
        })];
    }
#pragma warning restore CA5394
}

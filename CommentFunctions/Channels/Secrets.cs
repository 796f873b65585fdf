using System.Security.Cryptography;
using System.Text;

namespace CommentFunctions.Channels;

/// <summary>Compares what a caller gives with what it should know.</summary>
internal static class Secrets
{
    /// <summary>Whether they are the same, in a time that tells nothing of either; false where nothing is expected or given.</summary>
    public static bool Match(string? given, string? expected)
    {
        Span<byte> left = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> right = stackalloc byte[SHA256.HashSizeInBytes];
        // Hashes have one length, so that not even the secret's length is told.
        SHA256.HashData(Encoding.UTF8.GetBytes(given ?? ""), left);
        SHA256.HashData(Encoding.UTF8.GetBytes(expected ?? ""), right);
        return CryptographicOperations.FixedTimeEquals(left, right) && !string.IsNullOrEmpty(expected);
    }
}

using System.Buffers.Binary;

namespace CommentFunctions.Comments.Django;

/// <summary>The keys of a site's rows as the ids of comments, and back; both have the same order.</summary>
public static class DjangoIds
{
    /// <summary>The id whose last eight bytes are the key: 42 is <c>00000000-0000-0000-0000-00000000002a</c>.</summary>
    public static Guid ToGuid(long key)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], key);
        return new(bytes, bigEndian: true);
    }

    /// <summary>The key in an id.</summary>
    public static long ToKey(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes[8..]);
    }
}

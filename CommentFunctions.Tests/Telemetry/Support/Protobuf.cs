using System.Buffers.Binary;
using System.Text;

namespace CommentFunctions.Tests.Telemetry.Support;

/// <summary>One field of a protobuf message: its number, and its value as it stands on the wire.</summary>
internal readonly record struct ProtobufField(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public string Hex => Convert.ToHexStringLower(Bytes.Span);

    public double Double => BitConverter.UInt64BitsToDouble(Value);

    public long Long => (long)Value;

    public IEnumerable<ProtobufField> Fields => Protobuf.Read(Bytes);

    /// <summary>Numbers that stand one behind the other without tags, 8 bytes each.</summary>
    public IEnumerable<ulong> Packed => Protobuf.Packed(Bytes);
}

/// <summary>Reads the wire format of protocol buffers: https://protobuf.dev/programming-guides/encoding.</summary>
internal static class Protobuf
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    /// <summary>The fields of a message, in their order.</summary>
    /// <exception cref="FormatException">The bytes are none.</exception>
    public static IEnumerable<ProtobufField> Read(ReadOnlyMemory<byte> message)
    {
        var at = 0;
        while (at < message.Length)
        {
            var tag = ReadVarint(message.Span, ref at);
            var number = (int)(tag >> 3);
            switch ((int)(tag & 7))
            {
                case Varint:
                    yield return new(number, ReadVarint(message.Span, ref at), default);
                    break;
                case Fixed64:
                    yield return new(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(message, ref at, 8).Span), default);
                    break;
                case LengthDelimited:
                    var length = checked((int)ReadVarint(message.Span, ref at));
                    yield return new(number, 0, Take(message, ref at, length));
                    break;
                case Fixed32:
                    yield return new(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(message, ref at, 4).Span), default);
                    break;
                default:
                    throw new FormatException($"Field {number} has no wire type that is known.");
            }
        }
    }

    public static IEnumerable<ulong> Packed(ReadOnlyMemory<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            yield return BinaryPrimitives.ReadUInt64LittleEndian(Take(bytes, ref at, 8).Span);
        }
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at == bytes.Length)
            {
                break;
            }

            var next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("A number has no end.");
    }

    private static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> bytes, ref int at, int length)
    {
        if (length > bytes.Length - at)
        {
            throw new FormatException("The message is cut off.");
        }

        at += length;
        return bytes.Slice(at - length, length);
    }
}

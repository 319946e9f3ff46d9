using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

/// <summary>Iterates over the attributes of a netlink message with <see cref="Next"/>.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private const int HeaderLength = 4;
    private ReadOnlySpan<byte> rest = attributes;

    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public readonly int Int32 => MemoryMarshal.Read<int>(Value);

    /// <summary>A number in network byte order, as in nf_tables.</summary>
    public readonly int NetworkInt32 => BinaryPrimitives.ReadInt32BigEndian(Value);

    /// <summary>A port, in network byte order.</summary>
    public readonly ushort Port => BinaryPrimitives.ReadUInt16BigEndian(Value);

    public readonly string Text => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    public readonly IPAddress Address => new(Value);

    public readonly string Mac => FormatMac(Value);

    public bool Next()
    {
        if (rest.Length < HeaderLength)
            return false;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
        if (length < HeaderLength || length > rest.Length)
            return false;
        Type = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]) & rtnl.NLA_TYPE_MASK);
        Value = rest[HeaderLength..length];
        rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
        return true;
    }

    public static string FormatMac(ReadOnlySpan<byte> mac) =>
        string.Join(':', Convert.ToHexStringLower(mac).Chunk(2).Select(pair => new string(pair)));
}

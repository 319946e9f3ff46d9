using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

/// <summary>Writes a netlink request: header, struct, attributes. A nested attribute is a <c>using</c> scope.</summary>
internal sealed class RequestWriter
{
    private const int HeaderLength = 16;
    private const int AttributeHeaderLength = 4;
    private byte[] buffer = new byte[512];
    private int length = HeaderLength;

    public RequestWriter(ushort type, ushort flags)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(4), type);
        Flags = (ushort)(flags | rtnl.NLM_F_REQUEST);
    }

    /// <summary>The length so far in bytes, header included.</summary>
    public int Length => length;

    /// <summary>The bytes after the header.</summary>
    public byte[] Body => buffer.AsSpan(HeaderLength, length - HeaderLength).ToArray();

    public ushort Flags
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(6));
        set => BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(6), value);
    }

    public static RequestWriter For<T>(ushort type, ushort flags, T message) where T : unmanaged =>
        new RequestWriter(type, flags).Struct(message);

    public RequestWriter Struct<T>(T message) where T : unmanaged
    {
        MakeRoom(Marshal.SizeOf<T>());
        MemoryMarshal.Write(buffer.AsSpan(length), message);
        length += (Marshal.SizeOf<T>() + 3) & ~3;
        return this;
    }

    /// <summary>Appends the struct and attributes of an existing message.</summary>
    public RequestWriter Raw(ReadOnlySpan<byte> body)
    {
        MakeRoom(body.Length);
        body.CopyTo(buffer.AsSpan(length));
        length += body.Length;
        return this;
    }

    public RequestWriter Bytes(ushort type, ReadOnlySpan<byte> value)
    {
        MakeRoom(AttributeHeaderLength + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(length), (ushort)(AttributeHeaderLength + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(length + 2), type);
        value.CopyTo(buffer.AsSpan(length + AttributeHeaderLength));
        length += (AttributeHeaderLength + value.Length + 3) & ~3;
        return this;
    }

    public RequestWriter Flag(ushort type, bool value) => Bytes(type, [value ? (byte)1 : (byte)0]);

    public RequestWriter Int32(ushort type, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Bytes(type, bytes);
    }

    /// <summary>A number in network byte order, as in nf_tables.</summary>
    public RequestWriter NetworkInt32(ushort type, int value) => Int32(type, BinaryPrimitives.ReverseEndianness(value));

    /// <summary>A port, in network byte order.</summary>
    public RequestWriter Port(ushort type, int value) => Bytes(type, [(byte)(value >> 8), (byte)value]);

    public RequestWriter Text(ushort type, string value) => Bytes(type, [.. Encoding.UTF8.GetBytes(value), 0]);

    public RequestWriter Address(ushort type, IPAddress value) => Bytes(type, value.GetAddressBytes());

    public RequestWriter Mac(ushort type, string value) =>
        Bytes(type, Convert.FromHexString(value.Replace(":", "", StringComparison.Ordinal)));

    public Nested Nest(ushort type) => NestAs((ushort)(type | rtnl.NLA_F_NESTED));

    /// <summary>A nested attribute without the flag for nesting, as nf_tables expects it.</summary>
    public Nested NestUnmarked(ushort type) => NestAs(type);

    private Nested NestAs(ushort type)
    {
        MakeRoom(AttributeHeaderLength);
        var start = length;
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(start + 2), type);
        length += AttributeHeaderLength;
        return new(this, start);
    }

    public ReadOnlySpan<byte> Finish(uint sequence)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(8), sequence);
        return buffer.AsSpan(0, length);
    }

    // With padding to a multiple of four.
    private void MakeRoom(int more)
    {
        if (length + more + 4 > buffer.Length)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + more + 4));
    }

    /// <summary>Closes the attribute, and writes its length.</summary>
    internal readonly struct Nested(RequestWriter writer, int start) : IDisposable
    {
        public void Dispose() =>
            BinaryPrimitives.WriteUInt16LittleEndian(writer.buffer.AsSpan(start), checked((ushort)(writer.length - start)));
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Nftables;

/// <summary>The types of nft that our sets and rules use: their text, and their form in the kernel.</summary>
/// <param name="Name">The name in nft.</param>
/// <param name="Number">nft's own number (include/datatype.h), which the kernel stores for nft.</param>
/// <param name="Length">In bytes.</param>
/// <param name="IsHostOrder">Whether the value is in host byte order; else network byte order.</param>
public sealed record ElementType(string Name, uint Number, int Length, bool IsHostOrder = false)
{
    private const int BitsOfNumber = 6;

    /// <summary>The value of a verdict map: goto or jump to a chain.</summary>
    public static readonly ElementType Verdict = new("verdict", nf_tables.NFT_DATA_VERDICT, 16);
    /// <summary>An interface's name.</summary>
    public static readonly ElementType InterfaceName = new("ifname", 41, 16, IsHostOrder: true);
    /// <summary>An IP protocol: <c>tcp</c>, <c>udp</c> or a number.</summary>
    public static readonly ElementType Protocol = new("inet_proto", 12, 1);
    /// <summary>A port.</summary>
    public static readonly ElementType Port = new("inet_service", 13, 2);
    /// <summary>An IPv4 address.</summary>
    public static readonly ElementType Address4 = new("ipv4_addr", 7, 4);
    /// <summary>An IPv6 address.</summary>
    public static readonly ElementType Address6 = new("ipv6_addr", 8, 16);
    /// <summary>A MAC address.</summary>
    public static readonly ElementType Mac = new("ether_addr", 9, 6, IsHostOrder: true);
    /// <summary>A packet's mark.</summary>
    public static readonly ElementType Mark = new("mark", 19, 4, IsHostOrder: true);
    /// <summary>The protocol family of a packet in a table of the family inet.</summary>
    public static readonly ElementType Family = new("nf_proto", 2, 1, IsHostOrder: true);
    /// <summary>The kind of an address in the routing table (fib).</summary>
    public static readonly ElementType AddressKind = new("fib_addrtype", 38, 4, IsHostOrder: true);

    private static readonly Dictionary<string, ElementType> All =
        new[] { Verdict, InterfaceName, Protocol, Port, Address4, Address6, Mac, Mark }.ToDictionary(type =>
            type.Name, StringComparer.Ordinal);

    /// <summary>Each part of a concatenation is padded to a multiple of four.</summary>
    public int Padded => (Length + 3) & ~3;

    /// <summary>The types of a concatenation, <c>ipv4_addr . inet_service</c>.</summary>
    public static IReadOnlyList<ElementType> Parse(string text) =>
        [.. text.Split('.', StringSplitOptions.TrimEntries).Select(name => All[name])];

    /// <summary>nft's number for a concatenation.</summary>
    public static uint NumberOf(IEnumerable<ElementType> types) =>
        types.Aggregate(0u, (number, type) => (number << BitsOfNumber) | type.Number);

    /// <summary>Reads that number; empty if it has an unknown type.</summary>
    public static IReadOnlyList<ElementType> OfNumber(uint number)
    {
        if (number == Verdict.Number)
            return [Verdict];
        var types = new List<ElementType>();
        for (; number > 0; number >>= BitsOfNumber)
        {
            if (All.Values.FirstOrDefault(type => type.Number == (number & ((1 << BitsOfNumber) - 1))) is not { } type)
                return [];
            types.Insert(0, type);
        }
        return types;
    }

    /// <summary>Encodes a value from nft's text, as the kernel keeps it.
    /// Throws a <see cref="FormatException"/> where the text is not of this type.</summary>
    public byte[] Encode(string text)
    {
        if (this == Address4 || this == Address6)
            return IPAddress.Parse(text).GetAddressBytes() is var bytes
                && bytes.Length == Length ? bytes : throw new FormatException($"{text} is no {Name}");
        if (this == Protocol)
            return [text switch { "tcp" => 6, "udp" => 17, "sctp" => 132, "icmp" => 1, "ipv6-icmp" => 58, _ =>
                byte.Parse(text, CultureInfo.InvariantCulture) }];
        if (this == Family)
            return [text switch { "ipv4" => nf_tables.NFPROTO_IPV4, "ipv6" => nf_tables.NFPROTO_IPV6, _ =>
                throw new FormatException($"{text} is no {Name}") }];
        if (this == AddressKind)
            return HostOrder(text == "local" ? rtnl.RTN_LOCAL : throw new FormatException($"{text} is no {Name} that is known here"));
        if (this == Mark)
            return HostOrder(text.StartsWith("0x", StringComparison.Ordinal)
                ? uint.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : uint.Parse(text, CultureInfo.InvariantCulture));
        if (this == Port)
            return NetworkOrder(ushort.Parse(text, CultureInfo.InvariantCulture));
        return this == Mac ? Convert.FromHexString(text.Replace(":", "", StringComparison.Ordinal)) : Name16(text);
    }

    /// <summary>Returns a value that the kernel keeps in nft's text.</summary>
    public string Decode(ReadOnlySpan<byte> value)
    {
        if (this == Address4 || this == Address6)
            return new IPAddress(value).ToString();
        if (this == Protocol)
            return value[0] switch
            {
                6 => "tcp",
                17 => "udp",
                132 => "sctp",
                1 => "icmp",
                58 => "ipv6-icmp",
                var other => other.ToString(CultureInfo.InvariantCulture)
            };
        if (this == Mark)
            return $"0x{BitConverter.ToUInt32(value):x8}";
        if (this == Port)
            return BinaryPrimitives.ReadUInt16BigEndian(value).ToString(CultureInfo.InvariantCulture);
        return this == Mac
            ? string.Join(':', Convert.ToHexStringLower(value).Chunk(2).Select(pair => new string(pair)))
            : $"\"{Encoding.UTF8.GetString(value.TrimEnd((byte)0))}\"";
    }

    private static byte[] HostOrder(uint value) => BitConverter.GetBytes(value);

    private static byte[] NetworkOrder(ushort port) => [(byte)(port >> 8), (byte)port];

    private static byte[] Name16(string text)
    {
        var name = text is ['"', .., '"'] ? text[1..^1] : text;
        var padded = new byte[16];
        var length = Encoding.UTF8.GetBytes(name, padded);
        return length is > 0 and < 16 ? padded : throw new FormatException($"\"{name}\" is not an interface name");
    }
}

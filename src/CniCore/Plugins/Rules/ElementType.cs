using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace CniCore.Plugins.Rules;

/// <summary>nft's types that our sets are made of: how a value is written, and how the kernel keeps it.</summary>
/// <param name="Name">As nft calls it.</param>
/// <param name="Length">In bytes.</param>
internal sealed record ElementType(string Name, int Length)
{
    private static readonly Dictionary<string, ElementType> All = new ElementType[]
    {
        new("ipv4_addr", 4), new("ipv6_addr", 16), new("inet_proto", 1), new("inet_service", 2), new("ether_addr", 6), new("ifname", 16),
    }.ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>In a concatenation each part ends at a multiple of four.</summary>
    public int Padded => (Length + 3) & ~3;

    /// <summary>Those of a concatenation, <c>ipv4_addr . inet_service</c>.</summary>
    public static IReadOnlyList<ElementType> Parse(string text) => [.. text.Split('.', StringSplitOptions.TrimEntries).Select(name => All[name])];

    public byte[] Encode(string text) => Name switch
    {
        "ipv4_addr" or "ipv6_addr" => IPAddress.Parse(text).GetAddressBytes(),
        "inet_proto" => [text switch { "tcp" => 6, "udp" => 17, "sctp" => 132, _ => byte.Parse(text, CultureInfo.InvariantCulture) }],
        "inet_service" => Port(ushort.Parse(text, CultureInfo.InvariantCulture)),
        "ether_addr" => Convert.FromHexString(text.Replace(":", "", StringComparison.Ordinal)),
        _ => InterfaceName(text.Trim('"')),
    };

    public string Decode(ReadOnlySpan<byte> value) => Name switch
    {
        "ipv4_addr" or "ipv6_addr" => new IPAddress(value).ToString(),
        "inet_proto" => value[0] switch { 6 => "tcp", 17 => "udp", 132 => "sctp", var other => other.ToString(CultureInfo.InvariantCulture) },
        "inet_service" => BinaryPrimitives.ReadUInt16BigEndian(value).ToString(CultureInfo.InvariantCulture),
        "ether_addr" => string.Join(':', Convert.ToHexStringLower(value).Chunk(2).Select(pair => new string(pair))),
        _ => $"\"{Encoding.UTF8.GetString(value.TrimEnd((byte)0))}\"",
    };

    private static byte[] Port(ushort port) => [(byte)(port >> 8), (byte)port];

    private static byte[] InterfaceName(string name)
    {
        var padded = new byte[16];
        Encoding.UTF8.GetBytes(name, padded);
        return padded;
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CniCore.Spec;

namespace CniCore.Plugins.HostLocal;

/// <summary>An address as a number of 32 or 128 bits. An IPv4-mapped IPv6 address is IPv4, as in Go's net.IP.</summary>
internal readonly record struct AddressNumber(AddressFamily Family, UInt128 Value)
{
    public int Bits => Family == AddressFamily.InterNetwork ? 32 : 128;

    public AddressNumber Next => this with { Value = Value + 1 };

    public static AddressNumber Of(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        UInt128 value = 0;
        foreach (var part in plain.GetAddressBytes())
            value = (value << 8) | part;
        return new(plain.AddressFamily, value);
    }

    /// <summary>Parses exactly the text that <see cref="ToString"/> writes; null for any other.</summary>
    public static AddressNumber? OfText(string text) =>
        AddressText.TryParse(text, out var address) && Of(address) is var number && number.ToString() == text ? number : null;

    public IPAddress ToAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return new(bytes[(16 - (Bits / 8))..]);
    }

    /// <summary>
    /// The text that Go writes, which is the name of the reservation's file. .NET writes the end of some IPv6 addresses as IPv4
    /// (<c>::5efe:10.0.0.1</c>).
    /// </summary>
    public override string ToString()
    {
        var text = ToAddress().ToString();
        return Family == AddressFamily.InterNetworkV6 && text.Contains('.', StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture,
                $"{text[..(text.LastIndexOf(':') + 1)]}{(ushort)(Value >> 16):x}:{(ushort)Value:x}")
            : text;
    }
}

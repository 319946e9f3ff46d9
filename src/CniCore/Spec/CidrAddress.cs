using System.Globalization;
using System.Net;

namespace CniCore.Spec;

/// <summary>An address with its prefix length. Host bits are kept: <c>10.1.0.5/16</c>.</summary>
public readonly record struct CidrAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>The network of the address: <c>10.1.0.0/16</c>.</summary>
    public IPNetwork Network => new(NetworkAddress(), PrefixLength);

    /// <summary>Parses <c>address/length</c>.</summary>
    /// <exception cref="FormatException">It is not an address with a prefix length.</exception>
    public static CidrAddress Parse(string text) =>
        TryParse(text, out var parsed)
            ? parsed
            : throw new FormatException(AddressText.Complaint(text, "an address with a prefix length, such as 10.1.0.5/16"));

    /// <summary>Tries to parse <c>address/length</c>.</summary>
    public static bool TryParse(string? text, out CidrAddress parsed)
    {
        parsed = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0 || !AddressText.TryParse(text![..slash], out var address)
            || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > address.GetAddressBytes().Length * 8)
            return false;
        parsed = new(address, length);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{PrefixLength}");

    private IPAddress NetworkAddress()
    {
        var bytes = Address.GetAddressBytes();
        for (var bit = PrefixLength; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new(bytes);
    }
}

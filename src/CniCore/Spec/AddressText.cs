using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace CniCore.Spec;

/// <summary>
/// Parses addresses and networks as Go's <c>net.ParseIP</c> and <c>net.ParseCIDR</c> do, which every CNI plugin uses. .NET by itself reads
/// <c>010.0.0.1</c> as 8.0.0.1, and <c>0x0a.1</c> as 10.0.0.1.
/// </summary>
public static class AddressText
{
    /// <summary>Parses an address: four decimal numbers without leading zeros, or IPv6 without brackets and zone.</summary>
    /// <exception cref="FormatException">It is not an address.</exception>
    public static IPAddress Parse(string text) =>
        TryParse(text, out var parsed) ? parsed : throw new FormatException(Complaint(text, "an address"));

    /// <summary>Tries to parse an address.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out IPAddress? parsed)
    {
        parsed = null;
        var isAsGoHasIt = text is not null && (text.Contains(':', StringComparison.Ordinal) ? IsIPv6(text) : IsIPv4(text));
        return isAsGoHasIt && IPAddress.TryParse(text, out parsed);
    }

    /// <summary>Parses a network: an address without host bits, and its prefix length.</summary>
    /// <exception cref="FormatException">It is not a network.</exception>
    public static IPNetwork ParseNetwork(string text) =>
        TryParseNetwork(text, out var parsed) ? parsed : throw new FormatException(Complaint(text, "a network, such as 10.1.0.0/16"));

    /// <summary>Tries to parse a network.</summary>
    public static bool TryParseNetwork([NotNullWhen(true)] string? text, out IPNetwork parsed)
    {
        parsed = default;
        if (!CidrAddress.TryParse(text, out var cidr) || !cidr.Network.BaseAddress.Equals(cidr.Address))
            return false;
        parsed = cidr.Network;
        return true;
    }

    /// <summary>The error message for a wrong text. If its numbers look octal or hexadecimal, it says how they are written.</summary>
    internal static string Complaint(string text, string what)
    {
        var isOtherNumber = text.Split('/')[0].Split('.') is { Length: > 1 } parts && parts.Any(part => part.Length > 1 && part[0] == '0');
        return $"{Identifier.Quote(text)} is not {what}{(isOtherNumber ? ": its numbers are decimal, without leading zeros" : "")}";
    }

    private static bool IsIPv4(string text) => text.Split('.') is { Length: 4 } parts && parts.All(IsPart);

    private static bool IsPart(string part) =>
        part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0');

    // .NET also accepts brackets, ports, zones, and its own forms of IPv4 at the end.
    private static bool IsIPv6(string text)
    {
        var tail = text[(text.LastIndexOf(':') + 1)..];
        return text.All(character => char.IsAsciiHexDigit(character) || character is ':' or '.')
            && (!text.Contains('.', StringComparison.Ordinal) || IsIPv4(tail))
            && text.Split(':').All(group => group.Length <= 4 || group == tail);
    }
}

using System.Globalization;
using System.Net;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>The key of an element of <see cref="PortTable"/> that maps a port.</summary>
/// <param name="Host">The host address; null for all.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="Port">The host port.</param>
internal readonly record struct PortKey(IPAddress? Host, string Protocol, int Port)
{
    /// <summary>
    /// Parses <c>udp . 53</c> and <c>10.1.0.1 . udp . 53</c>. nft prints the protocol as a number if there is no /etc/protocols.
    /// </summary>
    public static PortKey Parse(string key)
    {
        var parts = key.Split(" . ");
        return new(
            parts.Length > 2 ? AddressText.Parse(parts[0]) : null,
            parts[^2] switch { "6" => "tcp", "17" => "udp", "132" => "sctp", var name => name },
            int.Parse(parts[^1], CultureInfo.InvariantCulture));
    }
}

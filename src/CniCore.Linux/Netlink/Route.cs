using System.Net;

namespace CniCore.Linux.Netlink;

/// <summary>A unicast route.</summary>
/// <param name="Destination">The destination; the unspecified address with length 0 is the default route.</param>
/// <param name="PrefixLength">The prefix length of the destination.</param>
/// <param name="Gateway">The next hop; null for a destination on the link.</param>
/// <param name="LinkIndex">The index of the outgoing interface.</param>
/// <param name="Metric">The lowest wins.</param>
/// <param name="Table">254 is the main table.</param>
/// <param name="Scope">0 universe, 253 link, 254 host.</param>
public sealed record Route(IPAddress Destination, int PrefixLength, IPAddress? Gateway, int LinkIndex, int Metric = 0,
    int Table = 254, int Scope = 0)
{
    /// <summary>The preferred source address; null for the kernel's choice.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Path MTU in bytes; 0 for the kernel's own.</summary>
    public int Mtu { get; init; }

    /// <summary>The advertised TCP segment size in bytes; 0 for the kernel's default.</summary>
    public int AdvMss { get; init; }
}

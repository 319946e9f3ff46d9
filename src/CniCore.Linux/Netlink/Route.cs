using System.Net;

namespace CniCore.Linux.Netlink;

/// <summary>A unicast route.</summary>
/// <param name="Destination">Where to; the unspecified address with length 0 is the default.</param>
/// <param name="PrefixLength">Of the destination.</param>
/// <param name="Gateway">Through whom; null for one on the link.</param>
/// <param name="LinkIndex">Through which interface.</param>
/// <param name="Metric">Lower wins.</param>
/// <param name="Table">254 is the main table.</param>
/// <param name="Scope">0 universe, 253 link, 254 host.</param>
public sealed record Route(IPAddress Destination, int PrefixLength, IPAddress? Gateway, int LinkIndex, int Metric = 0,
    int Table = 254, int Scope = 0)
{
    /// <summary>The address that packets on it leave with; null for the kernel's choice.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Path MTU in bytes; 0 for the kernel's own.</summary>
    public int Mtu { get; init; }

    /// <summary>The TCP segment size that is told to others, in bytes; 0 for the kernel's own.</summary>
    public int AdvMss { get; init; }
}

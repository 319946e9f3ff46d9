using System.Net.Sockets;
using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>The rules of a FORWARD chain that accept the packets of one selector. They are added and removed together.</summary>
/// <param name="Selector">The selector.</param>
/// <param name="Families">The families whose iptables get the rules.</param>
/// <param name="Rules">The rules, in order.</param>
internal sealed record AdmittedTraffic(TrafficSelector Selector, IReadOnlySet<AddressFamily> Families, IReadOnlyList<FilterRule> Rules)
{
    public bool IsOf(AddressFamily family) => Families.Contains(family) && Selector.IsOf(family);
}

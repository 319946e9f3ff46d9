using System.Net.Sockets;
using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>The rules in a chain of FORWARD that admit the packets of one selector: they come and go together.</summary>
/// <param name="Selector">Whose packets.</param>
/// <param name="Families">In iptables of which families.</param>
/// <param name="Rules">The rules, in their order.</param>
internal sealed record AdmittedTraffic(TrafficSelector Selector, IReadOnlySet<AddressFamily> Families, IReadOnlyList<FilterRule> Rules)
{
    public bool IsOf(AddressFamily family) => Families.Contains(family) && Selector.IsOf(family);
}

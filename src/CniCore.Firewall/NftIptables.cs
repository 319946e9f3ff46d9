using System.Net.Sockets;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>
/// iptables with nf_tables. Reads and writes the kernel's tables without iptables' programs: each would be a process, and after a removal
/// its end waits 10 ms (<see cref="HostNetwork.Nftables"/>).
/// </summary>
internal sealed class NftIptables(HostNetwork host, AddressFamily family) : Iptables(family)
{
    private readonly NftTable table = NftTable.Parse(family == AddressFamily.InterNetwork ? "ip filter" : "ip6 filter");

    public override string Name => Family == AddressFamily.InterNetwork ? "iptables" : "ip6tables";

    public override bool Has(string chain) => host.Nftables.HasChain(table, chain);

    protected override IReadOnlyList<FilterRule> Read(string chain) => host.Nftables.FilterRules(table, chain);

    protected override void Write(IReadOnlyList<FilterChange> changes)
    {
        try
        {
            host.Nftables.Commit(new NftTransaction(table).Change(changes), "changing");
        }
        catch (NetlinkException fault)
        {
            throw Refused($"the table {table}", fault.Message);
        }
    }

    protected override bool IsInForce() => Has(ForwardJump.Forward);
}

using System.Net.Sockets;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>
/// iptables over nf_tables. Its programs are not asked: each would be a process, and the end of one that removed something waits 10 ms
/// (<see cref="NftSocket.Open"/>).
/// </summary>
internal sealed class NftIptables(AddressFamily family) : Iptables(family)
{
    private readonly NftTable table = NftTable.Parse(family == AddressFamily.InterNetwork ? "ip filter" : "ip6 filter");

    public override string Name => Family == AddressFamily.InterNetwork ? "iptables" : "ip6tables";

    public override bool Has(string chain)
    {
        using var socket = NftSocket.Open();
        return socket.HasChain(table, chain);
    }

    public override IReadOnlyList<FilterRule> Rules(string chain)
    {
        using var socket = NftSocket.Open();
        return socket.FilterRules(table, chain);
    }

    public override void Change(IReadOnlyList<FilterChange> changes)
    {
        using var socket = NftSocket.Open();
        try
        {
            socket.Change(table, changes);
        }
        catch (NetlinkException fault)
        {
            throw Refused($"the table {table}", fault.Message);
        }
    }

    protected override bool IsInForce() => Has(ForwardJump.Forward);
}

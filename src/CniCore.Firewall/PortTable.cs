using CniCore.Linux;
using CniCore.Linux.Nftables;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>
/// The table of mapped ports. A packet to an address of the host is looked up by protocol and port, at a cost that does not depend on the
/// number of ports.
/// </summary>
internal sealed class PortTable
{
    // If a mapping with conditions and one without have the same port, the one with conditions comes first. Packets from elsewhere to
    // 127.0.0.0/8 are dropped, since route_localnet would let them in; answers to mapped localhost are not translated yet at that hook.
    public static readonly TableDefinition Definition = new(NftTable.Parse("inet cnid_ports"))
    {
        Sets =
        [
            .. SubnetMatch.Sets,
            new("only4", "inet_proto . inet_service : verdict"),
            new("only6", "inet_proto . inet_service : verdict"),
            new("at4", "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service"),
            new("at6", "ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service"),
            new("any4", "inet_proto . inet_service : ipv4_addr . inet_service"),
            new("any6", "inet_proto . inet_service : ipv6_addr . inet_service"),
            new("later4", "ipv4_addr . ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service"),
            new("later6", "ipv6_addr . ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service"),
            new("masked4", "ipv4_addr : verdict"),
            new("masked6", "ipv6_addr : verdict"),
            new("opened4", "ifname"),
            new("opened6", "ifname"),
            new("localhost6", "ipv6_addr"),
        ],
        Chains =
        [
            new("mask") { Nft.Masquerade },
            new("mapped")
            {
                { NfProto.Is("ipv4"), L4Proto.Dot(ThDport).VMap("only4") },
                { NfProto.Is("ipv6"), L4Proto.Dot(ThDport).VMap("only6") },
                DnatIp(IpDaddr.Dot(L4Proto).Dot(ThDport), "at4"),
                DnatIp(L4Proto.Dot(ThDport), "any4"),
                DnatIp6(Ip6Daddr.Dot(L4Proto).Dot(ThDport), "at6"),
                DnatIp6(L4Proto.Dot(ThDport), "any6"),
            },
            new("localhost", new("filter", "prerouting", NftHook.Raw))
            {
                { IifName.IsNot("lo"), IpDaddr.Is("127.0.0.0/8"), Drop },
                { IifName.IsNot("lo"), Ip6Daddr.Is("::1"), Drop },
            },
            new("prerouting", new("nat", "prerouting", NftHook.DestinationNat))
            {
                { FibDaddrType.Is("local"), Jump("mapped") },
            },
            new("output", new("nat", "output", NftHook.DestinationNat))
            {
                { Ip6Daddr.Is("::1"), Ip6Daddr.NotIn("localhost6"), Return },
                { FibDaddrType.Is("local"), Jump("mapped") },
            },
            new("postrouting", new("nat", "postrouting", NftHook.SourceNat))
            {
                { CtStatus("dnat"), IpDaddr.VMap("masked4") },
                { CtStatus("dnat"), Ip6Daddr.VMap("masked6") },
            },
        ],
    };

    public PortTable(HostNetwork host)
    {
        Table = new(host, Definition, SubnetMatch.Maps, "mask", () => Localhost!.Ending());
        Localhost = new(host, Table);
    }

    public RuleTable Table { get; }

    /// <summary>How answers to mapped localhost come back.</summary>
    public LocalhostReturn Localhost { get; }

    /// <summary>The elements of an attachment.</summary>
    public static WantedTable Wanted(AttachmentTag tag, IEnumerable<PublishedPorts> published)
    {
        List<PortRules> rules = [.. published.Where(ports => ports.Ports.Count > 0).Select(ports => new PortRules(tag, ports))];
        return new(Definition)
        {
            Elements = [.. rules.SelectMany(rule => rule.Elements)],
            Chains = [.. rules.Select(rule => rule.Callers).DistinctBy(chain => chain.Name)],
        };
    }
}

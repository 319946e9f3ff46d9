using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Nftables;

/// <summary>
/// The keywords of nft, so that a rule in C# reads as in nft: <c>{ IifName.Dot(OifName).In("within"), Accept }</c> is <c>iifname . oifname
/// @within accept</c>.
/// </summary>
public static class Nft
{
    private static readonly string[] States = ["invalid", "established", "related", "new"];
    private static readonly string[] Statuses = ["expected", "seen-reply", "assured", "confirmed", "snat", "dnat"];

    /// <summary><c>iifname</c>: the incoming interface.</summary>
    public static NftSelector IifName { get; } = Meta("iifname", ElementType.InterfaceName, nf_tables.NFT_META_IIFNAME);

    /// <summary><c>oifname</c>: the outgoing interface.</summary>
    public static NftSelector OifName { get; } = Meta("oifname", ElementType.InterfaceName, nf_tables.NFT_META_OIFNAME);

    /// <summary><c>meta iifkind</c>: the kind of the incoming interface, such as <c>bridge</c>.</summary>
    public static NftSelector IifKind { get; } = Meta("meta iifkind", ElementType.InterfaceName, nf_tables.NFT_META_IIFKIND);

    /// <summary><c>meta oifkind</c>: the kind of the outgoing interface.</summary>
    public static NftSelector OifKind { get; } = Meta("meta oifkind", ElementType.InterfaceName, nf_tables.NFT_META_OIFKIND);

    /// <summary><c>meta nfproto</c>: <c>ipv4</c> or <c>ipv6</c>.</summary>
    public static NftSelector NfProto { get; } = Meta("meta nfproto", ElementType.Family, nf_tables.NFT_META_NFPROTO);

    /// <summary><c>meta l4proto</c>: <c>tcp</c>, <c>udp</c>, <c>sctp</c>, or a number.</summary>
    public static NftSelector L4Proto { get; } = Meta("meta l4proto", ElementType.Protocol, nf_tables.NFT_META_L4PROTO);

    /// <summary><c>meta mark</c>: the packet's mark.</summary>
    public static NftSelector Mark { get; } = Meta("meta mark", ElementType.Mark, nf_tables.NFT_META_MARK);

    /// <summary><c>th dport</c>: the destination port of whatever transport protocol.</summary>
    public static NftSelector ThDport { get; } = Header("th dport", ElementType.Port, nf_tables.NFT_PAYLOAD_TRANSPORT_HEADER, 2);

    /// <summary><c>tcp dport</c>.</summary>
    public static NftSelector TcpDport { get; } =
        Header("tcp dport", ElementType.Port, nf_tables.NFT_PAYLOAD_TRANSPORT_HEADER, 2, new(IsTransport: true, 6));

    /// <summary><c>udp dport</c>.</summary>
    public static NftSelector UdpDport { get; } =
        Header("udp dport", ElementType.Port, nf_tables.NFT_PAYLOAD_TRANSPORT_HEADER, 2, new(IsTransport: true, 17));

    /// <summary><c>ip saddr</c>.</summary>
    public static NftSelector IpSaddr { get; } =
        Header("ip saddr", ElementType.Address4, nf_tables.NFT_PAYLOAD_NETWORK_HEADER, 12, NftDependency.Ip);

    /// <summary><c>ip daddr</c>.</summary>
    public static NftSelector IpDaddr { get; } =
        Header("ip daddr", ElementType.Address4, nf_tables.NFT_PAYLOAD_NETWORK_HEADER, 16, NftDependency.Ip);

    /// <summary><c>ip6 saddr</c>.</summary>
    public static NftSelector Ip6Saddr { get; } =
        Header("ip6 saddr", ElementType.Address6, nf_tables.NFT_PAYLOAD_NETWORK_HEADER, 8, NftDependency.Ip6);

    /// <summary><c>ip6 daddr</c>.</summary>
    public static NftSelector Ip6Daddr { get; } =
        Header("ip6 daddr", ElementType.Address6, nf_tables.NFT_PAYLOAD_NETWORK_HEADER, 24, NftDependency.Ip6);

    /// <summary><c>ether saddr</c>, in a table of family bridge.</summary>
    public static NftSelector EtherSaddr { get; } = Header("ether saddr", ElementType.Mac, nf_tables.NFT_PAYLOAD_LL_HEADER, 6);

    /// <summary><c>fib daddr type</c>: the kind of the destination in the routing table, such as <c>local</c>.</summary>
    public static NftSelector FibDaddrType { get; } =
        new("fib daddr type", ElementType.AddressKind, (register, _) => Instructions.FibDestinationKind(register));

    /// <summary><c>accept</c>.</summary>
    public static NftStatement Accept { get; } = new("accept", [Instructions.Verdict(nf_tables.NF_ACCEPT)]);

    /// <summary><c>drop</c>.</summary>
    public static NftStatement Drop { get; } = new("drop", [Instructions.Verdict(nf_tables.NF_DROP)]);

    /// <summary><c>return</c>.</summary>
    public static NftStatement Return { get; } = new("return", [Instructions.Verdict(nf_tables.NFT_RETURN)]);

    /// <summary><c>masquerade</c>.</summary>
    public static NftStatement Masquerade { get; } = new("masquerade", [new("masq", [])]);

    /// <summary><c>counter</c>.</summary>
    public static NftStatement Counter { get; } = new(
        "counter",
        [NftInstruction.Of("counter", fields =>
            fields.Bytes(nf_tables.NFTA_COUNTER_BYTES, new byte[8]).Bytes(nf_tables.NFTA_COUNTER_PACKETS, new byte[8]))]);

    /// <summary><c>reject</c>, in a table of family inet.</summary>
    public static NftStatement Reject { get; } = new(
        "reject",
        [
            NftInstruction.Of("reject", fields => fields
                .NetworkInt32(nf_tables.NFTA_REJECT_TYPE, nf_tables.NFT_REJECT_ICMPX_UNREACH)
                .Bytes(nf_tables.NFTA_REJECT_ICMP_CODE, [nf_tables.NFT_REJECT_ICMPX_PORT_UNREACH])),
        ]);

    /// <summary><c>icmpv6 type nd-router-advert</c>, behind <c>meta l4proto ipv6-icmp</c>.</summary>
    public static NftStatement RouterAdvertisement { get; } = new(
        "icmpv6 type nd-router-advert",
        [
            Instructions.Payload(nf_tables.NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, nf_tables.NFT_REG_1),
            Instructions.Compare(isEqual: true, [134]), // RFC 4861, section 4.2
        ]);

    /// <summary><c>meta protocol 8021q</c>: with a VLAN tag behind the first, which the kernel has taken off.</summary>
    public static NftStatement Tagged8021Q { get; } = Tagged("8021q", 0x81, 0x00);

    /// <summary><c>meta protocol 8021ad</c>: the same for the other kind of tag.</summary>
    public static NftStatement Tagged8021AD { get; } = Tagged("8021ad", 0x88, 0xa8);

    /// <summary><c>jump chain</c>.</summary>
    public static NftStatement Jump(string chain) => new($"jump {chain}", [Instructions.Verdict(nf_tables.NFT_JUMP, chain)]);

    /// <summary><c>goto chain</c>.</summary>
    public static NftStatement Goto(string chain) => new($"goto {chain}", [Instructions.Verdict(nf_tables.NFT_GOTO, chain)]);

    /// <summary><c>ct state established,related</c>: in one of these states of <c>invalid, established, related, new</c>.</summary>
    public static NftStatement CtState(params string[] states) => Conntrack("ct state", nf_tables.NFT_CT_STATE, States, states);

    /// <summary><c>ct status dnat</c>: with one of these of <c>expected, seen-reply, assured, confirmed, snat, dnat</c>.</summary>
    public static NftStatement CtStatus(params string[] statuses) => Conntrack("ct status", nf_tables.NFT_CT_STATUS, Statuses, statuses);

    /// <summary><c>meta mark set 0x1</c>: the whole mark.</summary>
    public static NftStatement SetMark(uint mark) =>
        new($"meta mark set 0x{mark:x8}", [
            Instructions.Load(nf_tables.NFT_REG_1, BitConverter.GetBytes(mark)), Instructions.SetMeta(nf_tables.NFT_META_MARK)]);

    /// <summary><c>meta mark set meta mark | 0x1</c>: these bits of the mark, the others stay.</summary>
    public static NftStatement AddMark(uint bits) => new(
        $"meta mark set meta mark | 0x{bits:x8}",
        [
            Instructions.Meta(nf_tables.NFT_META_MARK, nf_tables.NFT_REG_1),
            Instructions.And(nf_tables.NFT_REG_1, BitConverter.GetBytes(~bits), BitConverter.GetBytes(bits)),
            Instructions.SetMeta(nf_tables.NFT_META_MARK),
        ]);

    /// <summary><c>dnat ip to … map @map</c>: to the IPv4 address and port that a map has for it.</summary>
    public static NftStatement DnatIp(NftSelector selector, string map) =>
        Dnat("ip", ElementType.Address4, nf_tables.NFPROTO_IPV4, selector, map);

    /// <summary><c>dnat ip6 to … map @map</c>.</summary>
    public static NftStatement DnatIp6(NftSelector selector, string map) =>
        Dnat("ip6", ElementType.Address6, nf_tables.NFPROTO_IPV6, selector, map);

    /// <summary><c>snat ip to 203.0.113.9</c>, of either family.</summary>
    public static NftStatement SnatTo(IPAddress source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var isV6 = source.AddressFamily == AddressFamily.InterNetworkV6;
        return new(
            $"snat {(isV6 ? "ip6" : "ip")} to {source}",
            [
                Instructions.Load(Instructions.Register(0), source.GetAddressBytes()),
                Instructions.Snat(isV6 ? nf_tables.NFPROTO_IPV6 : nf_tables.NFPROTO_IPV4, Instructions.Register(0)),
            ]);
    }

    /// <summary><c>dnat ip to 10.1.0.2:80</c>, of either family.</summary>
    public static NftStatement DnatTo(IPEndPoint target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var isV6 = target.AddressFamily == AddressFamily.InterNetworkV6;
        var (address, port) = (Instructions.Register(0), Instructions.Register(4));
        return new(
            $"dnat {(isV6 ? "ip6" : "ip")} to {target}",
            [
                Instructions.Load(address, target.Address.GetAddressBytes()),
                Instructions.Load(port, [(byte)(target.Port >> 8), (byte)target.Port]),
                Instructions.Dnat(isV6 ? nf_tables.NFPROTO_IPV6 : nf_tables.NFPROTO_IPV4, address, port),
            ]);
    }

    private static NftStatement Dnat(string ip, ElementType address, byte family, NftSelector selector, string map)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return new(
            $"dnat {ip} to {selector.Text} map @{map}",
            [
                .. selector.Loads,
                Instructions.Lookup(map, result: Instructions.Register(0)),
                Instructions.Dnat(family, Instructions.Register(0), Instructions.Register(address.Padded / 4)),
            ],
            selector.Needs);
    }

    private static NftStatement Tagged(string kind, params byte[] protocol) => new(
        $"meta protocol {kind}",
        [Instructions.Meta(nf_tables.NFT_META_PROTOCOL, nf_tables.NFT_REG_1), Instructions.Compare(isEqual: true, protocol)]);

    private static NftStatement Conntrack(string text, int key, string[] names, string[] wanted)
    {
        var bits = wanted.Select(name => Array.IndexOf(names, name) is >= 0 and var bit
            ? 1u << bit
            : throw new ArgumentException($"{name} is no {text}")).Aggregate((all, bit) => all | bit);
        return new(
            $"{text} {string.Join(',', wanted)}",
            [
                Instructions.Conntrack(key, nf_tables.NFT_REG_1),
                Instructions.And(nf_tables.NFT_REG_1, BitConverter.GetBytes(bits)),
                Instructions.Compare(isEqual: false, new byte[sizeof(uint)]),
            ]);
    }

    private static NftSelector Meta(string text, ElementType type, int key) =>
        new(text, type, (register, _) => Instructions.Meta(key, register));

    private static NftSelector Header(string text, ElementType type, int header, int offset, NftDependency? needs = null) =>
        new(text, type, (register, length) => Instructions.Payload(header, offset, length, register), needs);
}

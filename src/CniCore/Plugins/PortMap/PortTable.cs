using CniCore.Plugins.Rules;

namespace CniCore.Plugins.PortMap;

/// <summary>The table of mapped ports. A packet to one of the host's addresses is looked up by protocol and port, however many are mapped.</summary>
internal static class PortTable
{
    public const string Name = "inet cnid_ports";

    // Where a mapping with conditions and one without have the same port, the first is asked first. What comes from elsewhere for
    // 127.0.0.0/8 is dropped, for route_localnet would let it in; answers to mapped localhost are not rewritten yet at that point.
    public static readonly RuleTable Table = new(
        Name,
        $$"""
        {{Vicinity.Sets}}
        map only4 { type inet_proto . inet_service : verdict; }
        map only6 { type inet_proto . inet_service : verdict; }
        map at4 { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
        map at6 { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }
        map any4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
        map any6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
        map masked4 { type ipv4_addr : verdict; }
        map masked6 { type ipv6_addr : verdict; }
        set opened4 { type ifname; }
        set opened6 { type ifname; }
        set localhost6 { type ipv6_addr; }
        chain mask {
            masquerade
        }
        chain mapped {
            meta nfproto ipv4 meta l4proto . th dport vmap @only4
            meta nfproto ipv6 meta l4proto . th dport vmap @only6
            dnat ip to ip daddr . meta l4proto . th dport map @at4
            dnat ip to meta l4proto . th dport map @any4
            dnat ip6 to ip6 daddr . meta l4proto . th dport map @at6
            dnat ip6 to meta l4proto . th dport map @any6
        }
        chain localhost {
            type filter hook prerouting priority raw; policy accept;
            iifname != "lo" ip daddr 127.0.0.0/8 drop
        }
        chain prerouting {
            type nat hook prerouting priority dstnat; policy accept;
            fib daddr type local jump mapped
        }
        chain output {
            type nat hook output priority -100; policy accept;
            ip6 daddr ::1 ip6 daddr != @localhost6 return
            fib daddr type local jump mapped
        }
        chain postrouting {
            type nat hook postrouting priority srcnat; policy accept;
            ct status dnat ip daddr vmap @masked4
            ct status dnat ip6 daddr vmap @masked6
        }
        """,
        Vicinity.Maps,
        "mask",
        LocalhostReturn.Ending);
}

namespace EndToEnd.Fidelity;

/// <summary>A list whose work in a container is compared with its work in a bare namespace.</summary>
/// <param name="Name">Its plugins.</param>
/// <param name="Plugins">Their configurations.</param>
/// <param name="Prepare">A command before each ADD.</param>
/// <param name="Needs">A plugin that not every release has.</param>
public sealed record Chain(string Name, string Plugins, string Prepare = "", string Needs = "")
{
    private const string V4 =
        """{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24","rangeStart":"10.77.0.7","rangeEnd":"10.77.0.7"}]],"routes":["""
            + """{"dst":"0.0.0.0/0"}]}""";
    private const string V6 =
        """{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24","rangeStart":"10.77.0.7","rangeEnd":"10.77.0.7"}],["""
            + """{"subnet":"2001:db8:77::/64","rangeStart":"2001:db8:77::7","rangeEnd":"2001:db8:77::7"}]],"routes":["""
            + """{"dst":"0.0.0.0/0"},{"dst":"::/0"},{"dst":"10.200.0.0/16","gw":"10.77.0.9"}]}""";
    private const string Bridge = """{"type":"bridge","bridge":"fid0","isGateway":true,"ipam":""";
    private const string Lan = "ip link add lan type veth peer name lanpeer 2> /dev/null; ip link set lan up; ip link set lanpeer up";

    public static IReadOnlyList<Chain> All { get; } =
    [
        new("bridge, host-local", $$"""{{Bridge}}{{V4}}}"""),
        new("bridge, host-local, IPv6", $$"""{{Bridge}}{{V6}}}"""),
        new("ptp, host-local", $$"""{"type":"ptp","ipMasq":true,"mtu":1400,"ipam":{{V4}}}"""),
        new("ptp, host-local, IPv6", $$"""{"type":"ptp","ipam":{{V6}}}"""),
        new("macvlan, host-local", $$"""{"type":"macvlan","master":"lan","mode":"bridge","ipam":{{V6}}}""", Lan),
        new("host-device, host-local", $$"""{"type":"host-device","device":"hd0","ipam":{{V4}}}""",
            "ip link show hd0 > /dev/null 2>&1 || ip link add hd0 type veth peer name hd1; ip link set hd1 up"),
        new("tap, host-local", $$"""{"type":"tap","ipam":{{V4}}}""", Needs: "tap"),
        new("bridge, static",
            """{"type":"bridge","bridge":"fid0","ipam":{"type":"static","addresses":[{"address":"10.77.0.7/24","gateway":"10.77.0.1"},"""
                + """{"address":"10.77.0.8/24"},{"address":"10.78.0.7/16"},{"address":"2001:db8:77::7/64"},"""
                + """{"address":"2001:db8:78::7/64"}],"routes":[{"dst":"0.0.0.0/0"},{"dst":"10.201.0.0/16","gw":"10.78.0.1"}]}}"""),
        new("bridge, host-local, loopback", $$"""{{Bridge}}{{V4}}},{"type":"loopback"}"""),
        new("bridge, host-local, tuning",
            $$$"""{{{Bridge}}}{{{V6}}}},{"type":"tuning","mac":"02:00:00:00:77:77","mtu":1380,"promisc":true,"txQLen":77,"""
            + """ "allmulti":true,"sysctl":"""
            + """{"net.core.somaxconn":"500","net.ipv4.ip_forward":"1","net.ipv4.conf.IFNAME.arp_filter":"1","""
            + """ "net.ipv4.conf.all.log_martians":"1","""
            + """ "net.ipv4.neigh.IFNAME.gc_stale_time":"77","net.ipv6.conf.IFNAME.accept_ra":"0"}}"""),
        new("bridge, host-local, sbr", $$"""{{Bridge}}{{V4}}},{"type":"sbr"}"""),
        new("macvlan, host-local, sbr", $$"""{"type":"macvlan","master":"lan","ipam":{{V4}}},{"type":"sbr"}""", Lan),
        new("bridge, host-local, bandwidth",
            $$"""{{Bridge}}{{V4}}},{"type":"bandwidth","ingressRate":8000000,"ingressBurst":800000,"""
            + """ "egressRate":8000000,"egressBurst":800000}"""),
        new("bridge, host-local, portmap, firewall",
            $$$"""{{{Bridge}}}{{{V4}}}},{"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}"""),
        new("bridge, host-local, a plugin that does everything", $$"""{{Bridge}}{{V6}}},{"type":"everything"}""",
            "install -m 755 /dev/stdin /opt/cni/bin/everything <<'PLUGIN'\n" + Everything + "\nPLUGIN"),
    ];

    public override string ToString() => Name;

    // What a third party may do in a namespace. Knows nothing of us, and deletes its further interface itself.
    private const string Everything = """
        #!/bin/bash
        PATH=/usr/sbin:/usr/bin:/sbin:/bin
        input=$(cat)
        inside() { nsenter --net="$CNI_NETNS" "$@"; }
        case $CNI_COMMAND in
        VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'; exit ;;
        DEL) inside ip link delete net7 2> /dev/null; exit 0 ;;
        ADD)
            set -e
            exec 3>&1 1>&2
            inside bash -e <<'EOF'
            ip address add 10.77.0.99/24 dev eth0
            ip address add 192.0.2.1 peer 192.0.2.2/32 dev eth0 noprefixroute
            ip address add 198.51.100.1/32 dev lo
            ip -6 address add 2001:db8:99::1/64 dev eth0 nodad noprefixroute
            ip route add 10.202.0.0/16 via 10.77.0.1 metric 77 mtu lock 1300 src 10.77.0.99
            ip route add 10.203.0.0/16 dev eth0 scope link table 77
            ip route add default via 10.77.0.1 table 77 advmss 1200
            ip route add default via 10.77.0.1 metric 500
            ip route add blackhole 10.204.0.0/16
            ip route add unreachable 10.205.0.0/16 table 78
            ip route add 10.206.0.0/16 nexthop via 10.77.0.1 weight 2 nexthop via 10.77.0.9 weight 3
            ip route add 10.207.0.0/16 via 203.0.113.77 dev eth0 onlink
            ip -6 route add 2001:db8:202::/48 via 2001:db8:77::1 metric 77 mtu 1300
            ip -6 route add default via 2001:db8:77::1 table 77
            ip rule add from 10.77.0.7 table 77 priority 777
            ip rule add iif eth0 fwmark 7/0xff table 77 priority 778
            ip rule add not to 10.0.0.0/8 oif eth0 table 78 priority 779
            ip -6 rule add from 2001:db8:77::7 table 77 priority 777
            ip neighbour add 10.77.0.250 lladdr 02:00:00:00:00:fa dev eth0
            ip neighbour add proxy 10.77.0.251 dev eth0
            ip -6 neighbour add 2001:db8:77::fa lladdr 02:00:00:00:00:fa dev eth0
            echo 1 > /proc/sys/net/ipv4/conf/eth0/proxy_arp
            echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore
            echo 2 > /proc/sys/net/ipv4/conf/eth0/rp_filter
            echo 1200 > /proc/sys/net/ipv4/neigh/eth0/retrans_time_ms
            echo 0 > /proc/sys/net/ipv4/tcp_timestamps
            echo '20000 30000' > /proc/sys/net/ipv4/ip_local_port_range
            echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_redirects
            ip link set eth0 txqueuelen 555 alias everything
            tc qdisc add dev eth0 root handle 7: htb default 1
            tc class add dev eth0 parent 7: classid 7:1 htb rate 8mbit
            tc class add dev eth0 parent 7: classid 7:2 htb rate 2mbit ceil 4mbit
            tc qdisc add dev eth0 parent 7:2 handle 72: tbf rate 4mbit burst 20k latency 50ms
            tc qdisc add dev eth0 ingress
            ip link add net7 type veth peer name net7peer
            ip link set net7 up mtu 1300
            ip link set net7peer up
            ip address add 10.88.0.1/24 dev net7
            ip route add 10.208.0.0/16 via 10.88.0.2 dev net7 metric 5
        EOF
            exec 1>&3
            echo "$input" | tr -d '\n' | sed -E 's/.*"prevResult"://; s/,"type":"everything".*//' ;;
        esac
        """;
}

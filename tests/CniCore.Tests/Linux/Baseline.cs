using CniCore.Linux.Namespaces;

namespace CniCore.Tests.Linux;

/// <summary>
/// The kernel's own sysctls in a new namespace, which has those of this host: the kernel copies <c>net.ipv4.conf</c>, forwarding with it,
/// and where <c>net.core.devconf_inherit_init_net</c> is 1 IPv6's too (net/ipv4/devinet.c, devinet_init_net).
/// </summary>
internal static class Baseline
{
    private const string V4 = "/proc/sys/net/ipv4/conf/";
    private const string V6 = "/proc/sys/net/ipv6/conf/";
    private static readonly string[] Levels = ["all", "default", "lo"];

    // TEST_HOST=router: as on a host that differs from the kernel's defaults wherever that can hurt.
    private static readonly bool IsOnRouter = Environment.GetEnvironmentVariable("TEST_HOST") == "router";

    private static readonly (string Name, string Value, string OnRouter)[] OfIpv4 =
    [
        ("forwarding", "0", "1"), ("rp_filter", "0", "1"), ("accept_local", "0", "1"), ("arp_announce", "0", "2"), ("arp_filter", "0", "1"),
        ("arp_ignore", "0", "1"), ("arp_notify", "0", "1"), ("log_martians", "0", "1"), ("promote_secondaries", "0", "1"),
            ("proxy_arp", "0", "1"),
        ("route_localnet", "0", "1"), ("src_valid_mark", "0", "1"), ("accept_redirects", "1", "0"), ("secure_redirects", "1", "0"),
        ("send_redirects", "1", "0"), ("drop_gratuitous_arp", "0", "1"),
    ];

    private static readonly (string Name, string Value, string OnRouter)[] OfIpv6 =
    [
        ("forwarding", "0", "1"), ("disable_ipv6", "0", "1"), ("accept_ra", "1", "2"), ("autoconf", "1", "0"), ("proxy_ndp", "0", "1"),
        ("accept_redirects", "1", "0"), ("addr_gen_mode", "0", "1"), ("keep_addr_on_down", "0", "1"), ("use_tempaddr", "0", "2"),
    ];

    public static void Set(NetworkNamespace space) => space.Inside(() =>
    {
        if (IsOnRouter)
            Write(onRouter: true);
        Write(onRouter: false);
    });

    private static void Write(bool onRouter)
    {
        foreach (var level in Levels)
        {
            foreach (var (name, value, hostile) in OfIpv4)
                WriteIfThere(V4 + level + "/" + name, onRouter ? hostile : value);
            foreach (var (name, value, hostile) in level == "lo" ? [] : OfIpv6)
                WriteIfThere(V6 + level + "/" + name, onRouter ? hostile : value);
        }
    }

    private static void WriteIfThere(string path, string value)
    {
        if (File.Exists(path) && File.ReadAllText(path).Trim() != value)
            File.WriteAllText(path, value);
    }
}

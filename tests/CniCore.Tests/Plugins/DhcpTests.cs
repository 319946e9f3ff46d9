using System.Net;
using System.Text.Json.Nodes;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>
/// The reference's <c>dhcp</c> plugin under our interface plugins, with dnsmasq for a server: it speaks through the link.
/// </summary>
public sealed class DhcpTests : SideBySideTest
{
    private const string Server = "/usr/sbin/dnsmasq";

    public DhcpTests() => Assert.SkipUnless(File.Exists(Server), "needs a DHCP server: dnsmasq-base");

    [Theory]
    [InlineData("bridge", """{"bridge":"cni0","ipam":{"type":"dhcp","daemonSocketPath":"FOLDER/dhcp.sock"}}""")]
    [InlineData("macvlan", """{"master":"m0","ipam":{"type":"dhcp","daemonSocketPath":"FOLDER/dhcp.sock"}}""")]
    public void Add_IsGivenALease_AndDeleteReleasesIt(string type, string config)
    {
        var world = World("ours");
        using var outside = Space("outside");
        MakeSegment(world, outside, type);
        var leases = PathOf("leases");
        using var server = new Background(PathOf("outside"), Server, "--keep-in-foreground", "--log-facility=-", "--port=0",
            "--conf-file=/dev/null", "--pid-file=",
            "--dhcp-authoritative", "--no-ping", "--interface=server", "--dhcp-range=10.9.0.50,10.9.0.60,1h", "--dhcp-option=3,10.9.0.1",
                $"--dhcp-leasefile={leases}");
        server.Await("DHCP, IP range");
        using var daemon = new Background(world.HostPath, "/usr/lib/cni/dhcp", "daemon", "-socketpath",
            Path.Combine(world.Folder, "dhcp.sock"));
        AwaitFile(world.Folder, "dhcp.sock");

        var what = new PluginCase(type, config);
        var result = world.Run(CniCommand.Add, what, builtin: true);
        var address = CidrAddress.Parse((string)JsonNode.Parse(result)!["ips"]![0]!["address"]!);
        server.Await("DHCPACK(server) " + address.Address);
        using (var inside = world.Inside())
        {
            Assert.Contains(inside.Addresses(inside.FindLink("eth0")!.Index), one => one.Address.Equals(address.Address));
            Assert.Contains(inside.Routes(), route => route.PrefixLength == 0 && route.Gateway!.Equals(IPAddress.Parse("10.9.0.1")));
        }
        Assert.Contains(address.Address.ToString(), File.ReadAllText(leases), StringComparison.Ordinal);
        world.Run(CniCommand.Check, what, builtin: true, result);

        world.Run(CniCommand.Del, what, builtin: true, result);
        server.Await("DHCPRELEASE(server) " + address.Address);
        Assert.Null(LinkIn(world.Inside(), "eth0"));
        server.Dispose(); // what it knows is on disk when it has ended
        Assert.DoesNotContain(address.Address.ToString(), File.ReadAllText(leases), StringComparison.Ordinal);
    }

    // The server is in a namespace beyond the host: at the other end of the bridge's port, or of the macvlan's master.
    private static void MakeSegment(PluginWorld world, NetworkNamespace outside, string type)
    {
        using var host = world.OnHost();
        host.CreateVeth(new VethPair("m0", "server") { PeerNetns = outside, Up = true });
        using (var beyond = RouteSocket.OpenIn(outside))
        {
            var server = beyond.FindLink("server")!.Index;
            beyond.SetUp(server);
            beyond.AddAddress(server, IPAddress.Parse("10.9.0.1"), 24);
        }
        if (type != "bridge")
            return;
        host.CreateBridge("cni0");
        host.SetMaster(host.FindLink("m0")!.Index, host.FindLink("cni0")!.Index);
    }

    private static void AwaitFile(string folder, string name)
    {
        using var watcher = new FileSystemWatcher(folder, name);
        if (!File.Exists(Path.Combine(folder, name)))
            Assert.False(watcher.WaitForChanged(WatcherChangeTypes.Created, TimeSpan.FromSeconds(10)).TimedOut
                && !File.Exists(Path.Combine(folder, name)), $"no {name}");
    }
}

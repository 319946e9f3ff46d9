using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>A host with two uplinks that does not forward, until a container needs it.</summary>
public sealed class ForwardingTests : SideBySideTest
{
    private const string Ranges =
        """ "ipam":{"type":"host-local","dataDir":"FOLDER/ipam","ranges":[[{"subnet":"10.5.0.0/24"}],[{"subnet":"fd05::/64"}]],"routes":"""
            + """[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]} """;
    private const string Switches = "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding; for one in one two; do "
        + "cat /proc/sys/net/ipv6/conf/$one/accept_ra; done";

    [Theory]
    [InlineData("bridge", "\"isGateway\":true,")]
    [InlineData("ptp", "")]
    public void A6_HostThatForwardsForUs_IsNoRouterBetweenItsOwnInterfaces_AndEndsAsItWas(string type, string keys)
    {
        var world = World("ours");
        var (one, two) = (Uplink(world, "one", 1), Uplink(world, "two", 2));
        var before = Shell(world.Host, Switches);
        Assert.Equal("0\n0\n1\n1\n", before);
        var what = new PluginCase(type, $"{{{keys}{Ranges}}}");
        new CniCore.Plugins.Bridge.BridgeRecords(world.Firewall.Host).Save("gone", new() { Made = true, Index = int.MaxValue });

        world.Run(CniCommand.Add, what, builtin: true);
        Assert.Equal("1\n1\n2\n2\n", Shell(world.Host, Switches)); // 1 would be off on a host that forwards, and its default routes gone
        Shell(world.Container, "busybox ping -c1 -W3 192.0.1.2 && busybox ping -c1 -W3 2001:db8:2::2");
        Shell(one, "! busybox ping -c1 -W1 192.0.2.2 && ! busybox ping -c1 -W1 2001:db8:2::2");
        Shell(two, "! busybox ping -c1 -W1 192.0.1.2 && ! busybox ping -c1 -W1 2001:db8:1::2");
        Shell(one, "busybox ping -c1 -W3 10.5.0.2 && busybox ping -c1 -W3 fd05::2"); // no firewall has spoken here

        world.Run(CniCommand.Del, what, builtin: true);
        world.Run(CniCommand.Gc, new(type, """{"cniVersion":"1.1.0","cni.dev/valid-attachments":[]}"""), builtin: true, containerId: "",
            netns: "", ifName: "");
        Assert.Equal(before, Shell(world.Host, Switches));
        Assert.DoesNotContain("cnid_forward", Shell(world.Host, "nft list ruleset"), StringComparison.Ordinal);
    }

    [Fact]
    public void DeleteUnfinished_WhatAKillLeftOfRecords_IsGone_AndRecordsStay()
    {
        string[] records = ["/run/cnid/bridges/1/web.json", "/run/cnid/forwarding/1.json"];
        foreach (var record in records)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(record)!);
            File.WriteAllText(record, "{}");
            File.WriteAllText(record + ".new", "{");
        }

        CniCore.Plugins.Interfaces.HostForwarding.DeleteUnfinished();

        Assert.All(records, record => Assert.True(File.Exists(record)));
        Assert.All(records, record => Assert.False(File.Exists(record + ".new")));
        foreach (var record in records)
            File.Delete(record);
    }

    [Fact]
    public void A6_HostThatForwardedBefore_GoesOnAsItWas()
    {
        var world = World("ours");
        var (one, _) = (Uplink(world, "one", 1), Uplink(world, "two", 2));
        Shell(world.Host, "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        var before = Shell(world.Host, Switches);
        var what = new PluginCase("bridge", $"{{\"isGateway\":true,{Ranges}}}");

        world.Run(CniCommand.Add, what, builtin: true);
        Shell(one, "busybox ping -c1 -W3 192.0.2.2 && busybox ping -c1 -W3 2001:db8:2::2");
        world.Run(CniCommand.Del, what, builtin: true);
        world.Run(CniCommand.Gc, new("bridge", """{"cniVersion":"1.1.0","cni.dev/valid-attachments":[]}"""), builtin: true, containerId: "",
            netns: "", ifName: "");
        Assert.Equal(before, Shell(world.Host, Switches));
        Assert.DoesNotContain("cnid_forward", Shell(world.Host, "nft list ruleset"), StringComparison.Ordinal);
    }

    [Fact]
    public void A6_ForwardingThatSomebodyElseMayRelyOn_StaysOn_WithTheTable()
    {
        var world = World("ours");
        var one = Uplink(world, "one", 1);
        _ = Uplink(world, "two", 2);
        var what = new PluginCase("bridge", $"{{\"isGateway\":true,{Ranges}}}");
        world.Run(CniCommand.Add, what, builtin: true);
        Shell(world.Host, "ip link add virbr0 type bridge");
        world.Run(CniCommand.Del, what, builtin: true);
        world.Run(CniCommand.Gc, new("bridge", """{"cniVersion":"1.1.0","cni.dev/valid-attachments":[]}"""), builtin: true, containerId: "",
            netns: "", ifName: "");

        Assert.StartsWith("1\n1\n", Shell(world.Host, Switches), StringComparison.Ordinal);
        Shell(one, "! busybox ping -c1 -W1 192.0.2.2");
        Shell(world.Host, "ip link delete virbr0; nft delete table inet cnid_forward");
        var forwarding = new CniCore.Plugins.Interfaces.HostForwarding(world.Firewall.Host);
        forwarding.Guard();
        Shell(one, "! busybox ping -c1 -W1 192.0.2.2");
        forwarding.Restore();
        Assert.StartsWith("0\n0\n", Shell(world.Host, Switches), StringComparison.Ordinal);
    }

    // A host's interface, and who is behind it: 192.0.N.2 and 2001:db8:N::2.
    private CniCore.Linux.Namespaces.NetworkNamespace Uplink(PluginWorld world, string name, int number)
    {
        var space = Space(name);
        Shell(world.Host, $"""
            ip link add {name} type veth peer name eth0 netns {PathOf(name)}
            ip address add 192.0.{number}.1/24 dev {name}; ip address add 2001:db8:{number}::1/64 dev {name} nodad; ip link set {name} up
            """);
        Shell(space, $"""
            ip link set lo up; ip address add 192.0.{number}.2/24 dev eth0; ip address add 2001:db8:{number}::2/64 dev eth0 nodad;
            ip link set eth0 up
            ip route add default via 192.0.{number}.1; ip -6 route add default via 2001:db8:{number}::1
            """);
        return space;
    }
}

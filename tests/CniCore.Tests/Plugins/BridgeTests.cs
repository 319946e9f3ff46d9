using System.Text.Json.Nodes;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

public sealed class BridgeTests : SideBySideTest
{
    private const string Ipam =
        """ "ipam":{"type":"host-local","dataDir":"FOLDER/ipam","subnet":"10.5.0.0/24","routes":[{"dst":"0.0.0.0/0"}]} """;
    private const string DualIpam =
        """ "ipam":{"type":"host-local","dataDir":"FOLDER/ipam","ranges":[[{"subnet":"10.5.0.0/24"}],[{"subnet":"fd05::/64"}]],"routes":"""
            + """[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]} """;

    public static TheoryData<string> Configurations => new(
        """{"isGateway":true,"ipMasq":true,"hairpinMode":true,IPAM}""",
        """{"isDefaultGateway":true,"mtu":1400,"ipam":{"type":"host-local","dataDir":"FOLDER/ipam","subnet":"10.5.0.0/24"}}""",
        """{"isGateway":true,"forceAddress":true,"promiscMode":true,DUAL}""",
        """{"isDefaultGateway":true,"ipam":{"type":"static","addresses":[{"address":"10.5.0.9/24","gateway":"10.5.0.1"},"""
            + """{"address":"fd05::9/64"}],"routes":[{"dst":"10.99.0.0/16","gw":"10.5.0.7"}]}}""",
        """{"dns":{"nameservers":["192.0.2.53"],"search":["example.org"]},"macspoofchk":true,IPAM}""",
        """{"vlan":100,"isGateway":true,IPAM}""",
        """{"vlanTrunk":[{"minID":5,"maxID":6},{"id":9}],"preserveDefaultVlan":true,IPAM}""",
        """{"args":{"cni":{"mac":"02:00:00:00:00:05"}},"runtimeConfig":{"mac":"02:00:00:00:00:06"},"bridge":"other0",IPAM}""",
        """{"enabledad":true,"cniVersion":"0.4.0",IPAM}""",
        """{"cniVersion":"0.2.0","isGateway":true,IPAM}""");

    [Theory]
    [MemberData(nameof(Configurations))]
    public void AllVerbs_AreAsTheReference(string keys)
    {
        Assert.SkipWhen(keys.Contains("vlan", StringComparison.Ordinal) && !CanFilterVlans(), "this kernel's bridges cannot filter VLANs");
        // The reference's DEL fails over a masquerade that is not its own.
        AssertSame(Case(keys), _ => { }, crossed: !keys.Contains("ipMasq", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("twice")]
    [InlineData("namespace gone")]
    [InlineData("namespace is a file")]
    [InlineData("link gone")]
    [InlineData("rules flushed")]
    [InlineData("without prevResult")]
    public void Delete_WhateverIsMissing_LeavesNothing(string missing)
    {
        var world = World("ours");
        var what = Case("""{"isGateway":true,"ipMasq":true,"macspoofchk":true,DUAL}""");
        var before = Inventory(world);
        var result = world.Run(CniCommand.Add, what, builtin: true);
        var previous = missing == "without prevResult" ? null : result;
        switch (missing)
        {
            case "twice": world.Run(CniCommand.Del, what, builtin: true, previous); break;
            case "namespace gone": NetworkNamespace.Unpin(world.NetNs); break;
            case "namespace is a file":
                NetworkNamespace.Unpin(world.NetNs);
                File.WriteAllText(world.NetNs, "");
                break;
            case "link gone":
                using (var inside = world.Inside())
                    inside.DeleteLink(inside.FindLink("eth0")!.Index);
                break;
            case "rules flushed": Shell(world.Host, "nft flush ruleset"); break;
        }

        world.Run(CniCommand.Del, what, builtin: true, previous);
        Assert.Empty(Reservations(world));
        Collect(world);
        if (!missing.StartsWith("namespace", StringComparison.Ordinal))
            Assert.Equal(before, Inventory(world));
        using var host = world.OnHost();
        Assert.Equal(["lo"], LinksOf(host));
        Assert.DoesNotContain("comment", Rules(world), StringComparison.Ordinal);
    }

    [Fact]
    public void Add_ThatFailsHalfWay_LeavesNothing()
    {
        var world = World("ours");
        Shell(world.Host, "ip link add cni0 type bridge; ip address add 10.6.0.1/24 dev cni0; ip link set cni0 up");
        var before = Inventory(world);

        var fault = Assert.Throws<CniPluginException>(() =>
            world.Run(CniCommand.Add, Case("""{"isGateway":true,"ipMasq":true,IPAM}"""), builtin: true));
        Assert.Equal("\"cni0\" already has an IP address different from 10.5.0.1/24", fault.Message);
        Assert.Equal(before, Inventory(world));
        Assert.Empty(Reservations(world));
    }

    [Fact]
    public void Add_WhereTheNameIsTaken_LeavesTheOtherAlone()
    {
        var world = World("ours");
        var what = Case("""{"isGateway":true,IPAM}""");
        var result = world.Run(CniCommand.Add, what, builtin: true);

        Assert.Contains("eth0", Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Add, what, builtin: true)).Message,
            StringComparison.Ordinal);
        world.Run(CniCommand.Check, what, builtin: true, result);
    }

    [Fact]
    public void TwoInterfaces_OfOneContainerOnOneNetwork_AreIndependent()
    {
        var world = World("ours");
        var (first, second) = (Case("""{"isGateway":true,"ipMasq":true,IPAM}"""),
            Case("""{"isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","dataDir":"FOLDER/ipam","subnet":"10.5.0.0/24"}}"""));
        world.Run(CniCommand.Add, first, builtin: true);
        var result = world.Run(CniCommand.Add, second, builtin: true, ifName: "eth1");

        world.Run(CniCommand.Del, first, builtin: true);
        world.Run(CniCommand.Check, second, builtin: true, result, ifName: "eth1");
        Shell(world.Container, "busybox ping -c1 -W3 10.5.0.1");
    }

    [Theory]
    [InlineData("""{"hairpinMode":true,"promiscMode":true}""", "cannot set hairpin mode and promiscuous mode at the same time")]
    [InlineData("""{"vlan":5000}""", "invalid VLAN ID 5000 (must be between 0 and 4094)")]
    [InlineData("""{"vlanTrunk":[{"minID":7}]}""", "vlanTrunk: an entry has an id, or a minID and a maxID, between 1 and 4094")]
    [InlineData("""{"bridge":"much-too-long-a-name"}""", "interface name is too long")]
    [InlineData("""{"runtimeConfig":{"mac":"xyz"}}""", "invalid MAC address \"xyz\"")]
    [InlineData("""{"disableContainerInterface":true,IPAM}""", "cannot use IPAM when DisableContainerInterface flag is set")]
    [InlineData("""{"mtu":"many"}""", "failed to load netconf")]
    public void Add_WrongConfiguration_IsRefusedInALine(string keys, string line)
    {
        var fault = Assert.Throws<CniPluginException>(() => World("ours").Run(CniCommand.Add, Case(keys), builtin: true));
        Assert.StartsWith(line, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_IntoTheHostsOwnNamespace_IsRefusedBeforeAnythingIsMade()
    {
        var world = World("ours");
        var before = Inventory(world);
        var fault = Assert.Throws<CniPluginException>(() =>
            world.Run(CniCommand.Add, Case("""{IPAM}"""), builtin: true, netns: world.HostPath));
        Assert.Equal(CniErrorCode.InvalidNetNs, fault.Code);
        Assert.Equal(before, Inventory(world));
    }

    [Fact]
    public void HandOver_LeavesTheContainersEndOnTheHost()
    {
        var world = World("ours");
        var what = Case("""{"isGateway":true,"runtimeConfig":{"handOver":"cni0123456789ab","mac":"02:00:00:00:00:07"}}""");
        var result = JsonNode.Parse(world.Run(CniCommand.Add, what, builtin: true, netns: ""))!;

        Assert.Equal("cni0123456789ab", (string?)result["interfaces"]![2]!["name"]);
        Assert.Equal("02:00:00:00:00:07", (string?)result["interfaces"]![2]!["mac"]);
        world.Run(CniCommand.Del, what, builtin: true, netns: "");
        Assert.Null(LinkIn(world.OnHost(), "cni0123456789ab"));
    }

    private bool CanFilterVlans()
    {
        using var route = Route("vlans");
        try
        {
            route.CreateBridge("vlans", vlanFiltering: true);
            return true;
        }
        catch (NetlinkException)
        {
            return false;
        }
    }

    private static PluginCase Case(string keys) =>
        new("bridge", keys.Replace("IPAM", Ipam, StringComparison.Ordinal).Replace("DUAL", DualIpam, StringComparison.Ordinal));

    // The bridge is the network's: GC removes it when nobody is attached any more.
    private static void Collect(PluginWorld world) => world.Run(
        CniCommand.Gc, new("bridge", """{"cniVersion":"1.1.0","macspoofchk":true,"cni.dev/valid-attachments":[]}"""), builtin: true,
            containerId: "", netns: "", ifName: "");

    private static string[] Reservations(PluginWorld world)
    {
        var folder = Path.Combine(world.Folder, "ipam", "net1");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)!)
                .Where(name => name != "lock" && !name.StartsWith("last_", StringComparison.Ordinal))]
            : [];
    }
}

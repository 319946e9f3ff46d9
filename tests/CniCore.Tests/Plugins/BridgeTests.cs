using System.Text.Json.Nodes;
using CniCore.Linux.Namespaces;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>
/// The built-in bridge beside the reference's. They differ on purpose in these:
/// the host end's name comes from the attachment's identity, the reference's is random;
/// the bridge carries an alias, so that one we made can be removed when unused;
/// masquerading is an nftables table, the reference's iptables chains: each removes its own;
/// the IPAM's dns stays where the configuration has none, as with the reference from 1.2 on;
/// a link keeps the kernel's transmit queue length, which counts for nothing without a queue; the reference sets 0;
/// IPv6 addresses skip duplicate detection in the kernel instead of waiting for it.
/// </summary>
public sealed class BridgeTests : SideBySide
{
    private const string Ipam = """ "ipam":{"type":"host-local","dataDir":"DATA","subnet":"10.5.0.0/24","routes":[{"dst":"0.0.0.0/0"}]} """;
    private const string DualIpam = """ "ipam":{"type":"host-local","dataDir":"DATA","ranges":[[{"subnet":"10.5.0.0/24"}],[{"subnet":"fd05::/64"}]],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]} """;

    public static TheoryData<string> Configurations => new(
        """{"isGateway":true,"ipMasq":true,"hairpinMode":true,IPAM}""",
        """{"isDefaultGateway":true,"mtu":1400,"ipam":{"type":"host-local","dataDir":"DATA","subnet":"10.5.0.0/24"}}""",
        """{"isGateway":true,"forceAddress":true,"promiscMode":true,DUAL}""",
        """{"isDefaultGateway":true,"ipam":{"type":"static","addresses":[{"address":"10.5.0.9/24","gateway":"10.5.0.1"},{"address":"fd05::9/64"}],"routes":[{"dst":"10.99.0.0/16","gw":"10.5.0.7"}]}}""",
        """{"dns":{"nameservers":["192.0.2.53"],"search":["example.org"]},"macspoofchk":true,IPAM}""",
        """{"vlan":100,"isGateway":true,IPAM}""",
        """{"vlanTrunk":[{"minID":5,"maxID":6},{"id":9}],"preserveDefaultVlan":true,IPAM}""",
        """{"args":{"cni":{"mac":"02:00:00:00:00:05"}},"runtimeConfig":{"mac":"02:00:00:00:00:06"},"bridge":"other0",IPAM}""",
        """{"enabledad":true,"cniVersion":"0.4.0",IPAM}""",
        """{"cniVersion":"0.2.0","isGateway":true,IPAM}""");

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Add_AnswersAndLeavesWhatTheReferenceDoes(string keys)
    {
        Assert.SkipWhen(keys.Contains("vlan", StringComparison.Ordinal) && !CanFilterVlans(), "this kernel's bridges cannot filter VLANs");
        var ours = Space("ours");
        var reference = Space("reference");
        var config = Config(keys, "one");
        var answer = Normal(Compact(Run(true, CniCommand.Add, "bridge", "c1", PathOf("ours"), config)).Replace(PathOf("ours"), "NETNS", StringComparison.Ordinal));
        var (inside, outside) = (State(ours), HostState());
        Run(true, CniCommand.Del, "bridge", "c1", PathOf("ours"), config);
        Shell(Host, "ip link delete other0 2>/dev/null || ip link delete cni0");

        var expected = Normal(Compact(Run(false, CniCommand.Add, "bridge", "c1", PathOf("reference"), Config(keys, "two"))).Replace(PathOf("reference"), "NETNS", StringComparison.Ordinal));
        Assert.Equal(expected, answer);
        Assert.Equal(State(reference), inside);
        Assert.Equal(HostState(), outside);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void CheckAndDelete_TakeWhatTheOtherHasMade(bool madeBy, bool unmadeBy)
    {
        var space = Space("one");
        var config = Config($$"""{"isGateway":true,"hairpinMode":true,{{DualIpam}}}""", "one");
        var result = Run(madeBy, CniCommand.Add, "bridge", "c1", PathOf("one"), config);

        Run(unmadeBy, CniCommand.Check, "bridge", "c1", PathOf("one"), With(config, "prevResult", result));
        Run(unmadeBy, CniCommand.Del, "bridge", "c1", PathOf("one"), With(config, "prevResult", result));
        Assert.DoesNotContain("eth0", State(space), StringComparison.Ordinal);
        Assert.DoesNotContain("veth", Shell(Host, "ip -o link"), StringComparison.Ordinal);
        Assert.Empty(Reservations("one"));
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
        Space("one");
        var config = Config($$"""{"isGateway":true,"ipMasq":true,"macspoofchk":true,{{DualIpam}}}""", "one");
        var before = State(Host);
        var result = Run(true, CniCommand.Add, "bridge", "c1", PathOf("one"), config);
        var del = missing == "without prevResult" ? config : With(config, "prevResult", result);
        switch (missing)
        {
            case "twice": Run(true, CniCommand.Del, "bridge", "c1", PathOf("one"), del); break;
            case "namespace gone": NetworkNamespace.Unpin(PathOf("one")); break;
            case "namespace is a file":
                NetworkNamespace.Unpin(PathOf("one"));
                File.WriteAllText(PathOf("one"), "");
                break;
            case "link gone": Shell(Host, "for l in $(ls /sys/class/net | grep veth); do ip link delete $l; done; nsenter --net=" + PathOf("one") + " ip link delete eth0 2>/dev/null; true"); break;
            case "rules flushed": Shell(Host, "nft flush ruleset"); break;
        }

        Run(true, CniCommand.Del, "bridge", "c1", PathOf("one"), del);
        Assert.Empty(Reservations("one"));
        Run(true, CniCommand.Gc, "bridge", "", "", """{"name":"net","cniVersion":"1.1.0","type":"bridge","macspoofchk":true,"cni.dev/valid-attachments":[]}""");
        Assert.Equal(before, State(Host));
    }

    [Fact]
    public void Add_ThatFailsHalfWay_LeavesNothing()
    {
        Space("one");
        Shell(Host, "ip link add cni0 type bridge; ip address add 10.6.0.1/24 dev cni0; ip link set cni0 up");
        var before = State(Host);

        var fault = Assert.Throws<CniPluginException>(() => Run(true, CniCommand.Add, "bridge", "c1", PathOf("one"), Config($$"""{"isGateway":true,"ipMasq":true,{{Ipam}}}""", "one")));
        Assert.Equal("\"cni0\" already has an IP address different from 10.5.0.1/24", fault.Message);
        Assert.Equal(before, State(Host));
        Assert.Empty(Reservations("one"));
    }

    [Fact]
    public void TwoInterfaces_OfOneContainerOnOneNetwork_AreIndependent()
    {
        var space = Space("one");
        var config = Config($$"""{"isGateway":true,"ipMasq":true,{{Ipam}}}""", "one");
        Run(true, CniCommand.Add, "bridge", "c1", PathOf("one"), config);
        var second = Run(true, CniCommand.Add, "bridge", "c1", PathOf("one"), Config("""{"isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","dataDir":"DATA","subnet":"10.5.0.0/24"}}""", "one"), ifName: "eth1");

        Run(true, CniCommand.Del, "bridge", "c1", PathOf("one"), config);
        Run(true, CniCommand.Check, "bridge", "c1", PathOf("one"), With(Config("""{"isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","dataDir":"DATA","subnet":"10.5.0.0/24"}}""", "one"), "prevResult", second), ifName: "eth1");
        Shell(space, "busybox ping -c1 -W3 10.5.0.1");
    }

    [Theory]
    [InlineData("""{"hairpinMode":true,"promiscMode":true}""", "cannot set hairpin mode and promiscuous mode at the same time")]
    [InlineData("""{"vlan":5000}""", "invalid VLAN ID 5000 (must be between 0 and 4094)")]
    [InlineData("""{"vlanTrunk":[{"minID":7}]}""", "vlanTrunk: an entry has an id, or a minID and a maxID, between 1 and 4094")]
    [InlineData("""{"bridge":"much-too-long-a-name"}""", "interface name is too long")]
    [InlineData("""{"runtimeConfig":{"mac":"xyz"}}""", "the MAC address \"xyz\" is not one")]
    [InlineData("""{"disableContainerInterface":true,IPAM}""", "cannot use IPAM when DisableContainerInterface flag is set")]
    [InlineData("""{"mtu":"many"}""", "failed to load netconf")]
    public void Add_WrongConfiguration_IsRefusedInALine(string keys, string line)
    {
        Space("one");
        var fault = Assert.Throws<CniPluginException>(() => Run(true, CniCommand.Add, "bridge", "c1", PathOf("one"), Config(keys, "one")));
        Assert.StartsWith(line, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_IntoTheHostsOwnNamespace_IsRefusedBeforeAnythingIsMade()
    {
        var before = HostState();
        var fault = Assert.Throws<CniPluginException>(() => Run(true, CniCommand.Add, "bridge", "c1", PathOf("host"), Config($$"""{{{Ipam}}}""", "one")));
        Assert.Equal(CniErrorCode.InvalidNetNs, fault.Code);
        Assert.Equal(before, HostState());
    }

    [Fact]
    public void HandOver_LeavesTheContainersEndOnTheHost()
    {
        var config = Config("""{"isGateway":true,"runtimeConfig":{"handOver":"cni0123456789ab","mac":"02:00:00:00:00:07"}}""", "one");
        var result = JsonNode.Parse(Run(true, CniCommand.Add, "bridge", "c1", "", config))!;

        Assert.Equal("cni0123456789ab", (string?)result["interfaces"]![2]!["name"]);
        Assert.Equal("02:00:00:00:00:07", (string?)result["interfaces"]![2]!["mac"]);
        Run(true, CniCommand.Del, "bridge", "c1", "", config);
        Assert.DoesNotContain("cni0123456789ab", Shell(Host, "ip -o link"), StringComparison.Ordinal);
    }

    private bool CanFilterVlans()
    {
        using var route = CniCore.Linux.Netlink.RouteSocket.OpenIn(Host);
        try
        {
            route.CreateBridge("vlans", vlanFiltering: true);
            route.DeleteLink(route.FindLink("vlans")!.Index);
            return true;
        }
        catch (CniCore.Linux.Netlink.NetlinkException)
        {
            return false;
        }
    }

    private string Config(string keys, string data)
    {
        var text = keys.Replace("IPAM", Ipam, StringComparison.Ordinal).Replace("DUAL", DualIpam, StringComparison.Ordinal).Replace("DATA", PathOf("data-" + data), StringComparison.Ordinal);
        var json = JsonNode.Parse(text)!.AsObject();
        json["name"] = "net";
        json["type"] = "bridge";
        json["cniVersion"] ??= "1.0.0";
        return json.ToJsonString();
    }

    private string[] Reservations(string data) => Directory.Exists(PathOf("data-" + data))
        ? [.. Directory.EnumerateFiles(Path.Combine(PathOf("data-" + data), "net")).Select(path => Path.GetFileName(path)!).Where(name => name != "lock" && !name.StartsWith("last_", StringComparison.Ordinal))]
        : [];

    // Rules are compared by what they do to packets, elsewhere; here the tables that come with either way of masquerading are left out.
    private string HostState() => string.Join('\n', State(Host).Split('\n')
        .Where(line => !line.StartsWith("table ", StringComparison.Ordinal))
        .Select(line => line.Replace(" alias made by cnid", "", StringComparison.Ordinal)));

    private static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString();
}

using System.Net;
using CniCore.Plugins;
using CniCore.Linux;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;
using CniCore.Tests.Runtime;

namespace CniCore.Tests.Plugins;

public sealed class MacVlanTests : SideBySideTest
{
    private const string HostLocal = """
        "ipam":{"type":"host-local","dataDir":"FOLDER/ipam","ranges":[[{"subnet":"10.9.0.0/24"}],[{"subnet":"fd09::/64"}]],
        "routes":[{"dst":"0.0.0.0/0"},{"dst":"10.7.0.0/16","gw":"10.9.0.254"},{"dst":"::/0"}]}
        """;

    private const string Static = """
        "ipam":{"type":"static","addresses":[{"address":"10.9.0.5/24","gateway":"10.9.0.1"}],"dns":{"nameservers":["9.9.9.9"]}}
        """;

    private static readonly PluginCase Addressed = new("macvlan", $$"""{"master":"m0",{{HostLocal}}}""");

    [Theory]
    [InlineData("""{"master":"m0"}""")]
    [InlineData("""{"master":"m0","mode":"bridge","mtu":0}""")]
    [InlineData(
        """{"master":"m0","mode":"private","mtu":1300,"dns":{"nameservers":["1.1.1.1"],"domain":"d","search":["s"],"options":["o"]}}""")]
    [InlineData("""{"mode":"vepa"}""")]
    [InlineData("""{"master":"m0","mode":"passthru"}""")]
    [InlineData("""{"master":"m0","mac":"02:00:00:00:00:11"}""")]
    [InlineData("""{"master":"m0","mac":"02:00:00:00:00:11"}""", "IgnoreUnknown=true;MAC=02:00:00:00:00:12")]
    [InlineData("""{"master":"m0","runtimeConfig":{"mac":"02:00:00:00:00:13"}}""", "MAC=02:00:00:00:00:12")]
    [InlineData("""{"cniVersion":"0.4.0","master":"m0",STATIC}""")]
    [InlineData("""{"master":"m0","dns":{"nameservers":["1.1.1.1"]},STATIC}""")]
    [InlineData("""{"master":"m0",HOSTLOCAL}""")]
    [InlineData(
        """{"master":"m0","ipam":{"type":"static","addresses":[{"address":"10.9.0.5/24"},{"address":"fd09::5/64"}],"routes":["""
            + """{"dst":"10.7.0.0/16","gw":"10.9.0.1"},{"dst":"10.7.0.0/16","gw":"10.9.0.2"},{"dst":"fd07::/64","gw":"fd09::1"}]}}""")]
    public void AllVerbs_AreAsTheReference(string config, string args = "") => AssertSame(
        new("macvlan", config.Replace("STATIC", Static, StringComparison.Ordinal)
            .Replace("HOSTLOCAL", HostLocal, StringComparison.Ordinal), args), MakeMaster);

    // Both came after 1.1.1, which cannot be asked.
    [Fact]
    public void Add_OnAMasterInTheContainer_NeedsNoneOnTheHost()
    {
        var world = World("ours");
        using var inside = world.Inside();
        inside.CreateVeth("in0", "in1");
        var what = new PluginCase("macvlan", """{"master":"in0","linkInContainer":true,"bcqueuelen":2000}""");
        var result = world.Run(CniCommand.Add, what, builtin: true);

        Assert.Equal(inside.FindLink("in0")!.Index, inside.FindLink("eth0")!.PeerIndex);
        Assert.Contains("bcqueuelen 2000", WorldState.Of(world, ""), StringComparison.Ordinal);
        world.Run(CniCommand.Check, what, builtin: true, result);
        world.Run(CniCommand.Del, what, builtin: true, result);
        Assert.Null(inside.FindLink("eth0"));
    }

    [Fact]
    public void Add_WithAddresses_HasThemAnnounced()
    {
        var world = World("ours");
        MakeMaster(world);
        world.Run(CniCommand.Add, Addressed, builtin: true);
        Assert.Equal(("1", "1"), world.Container.Inside(() =>
            (Sysctl.Read("net/ipv4/conf/eth0/arp_notify"), Sysctl.Read("net/ipv6/conf/eth0/ndisc_notify"))));
    }

    [Theory]
    [InlineData("""{"master":"none"}""", "none")]
    [InlineData("""{"master":"m0","mtu":1501}""", "invalid MTU 1501")]
    [InlineData("""{"master":"m0","mode":"odd"}""", "odd")]
    [InlineData("""{"master":"m0","mac":"odd"}""", "odd")]
    [InlineData(
        """{"master":"m0","ipam":{"type":"static","addresses":[{"address":"10.9.0.5/24"}],"routes":["""
            + """{"dst":"10.7.0.0/16","gw":"1.2.3.4"}]}}""", "10.7.0.0")]
    [InlineData("""{"master":"m0","ipam":{"type":"static"}}""", "missing IP config")]
    [InlineData(
        """{"master":"m0","ipam":{"type":"host-local","dataDir":"FOLDER/ipam","subnet":"10.9.0.0/24","routes":["""
            + """{"dst":"10.7.0.0/16","gw":"1.2.3.4"}]}}""", "10.7.0.0")]
    public void Add_ThatFails_LeavesNeitherLinkNorAddress(string config, string word)
    {
        var world = World("ours");
        MakeMaster(world);
        var before = WorldState.Of(world, "");
        Assert.Contains(word, Assert.Throws<CniPluginException>(() =>
            world.Run(CniCommand.Add, new("macvlan", config), builtin: true)).Message, StringComparison.Ordinal);
        Assert.Equal(before, WorldState.Of(world, ""));
        Assert.Empty(HeldIn(world));
    }

    [Fact]
    public void Add_WhereTheNameIsTaken_LeavesTheOtherAlone()
    {
        var world = World("ours");
        MakeMaster(world);
        using var inside = world.Inside();
        inside.CreateVeth("eth0", "other");
        Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Add, Addressed, builtin: true));
        Assert.Equal("veth", inside.FindLink("eth0")!.Kind);
    }

    [Fact]
    public void Add_InTheHostsOwnNamespace_IsRefused_AndNoAddressIsTaken()
    {
        var world = World("ours");
        MakeMaster(world);
        Assert.Equal(CniErrorCode.InvalidNetNs,
            Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Add, Addressed, builtin: true, netns: world.HostPath)).Code);
        Assert.Empty(HeldIn(world));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gone")]
    [InlineData("file")]
    public void Delete_WithoutTheNamespace_GivesTheAddressBack(string netns)
    {
        var world = World("ours");
        MakeMaster(world);
        world.Run(CniCommand.Add, Addressed, builtin: true);
        Assert.NotEmpty(HeldIn(world));
        File.WriteAllText(PathOf("file"), "");

        world.Run(CniCommand.Del, Addressed, builtin: true, netns: netns.Length == 0 ? "" : PathOf(netns));
        Assert.Empty(HeldIn(world));
        world.Run(CniCommand.Del, Addressed, builtin: true);
        Assert.Null(LinkIn(world.Inside(), "eth0"));
        world.Run(CniCommand.Del, Addressed, builtin: true);
    }

    [Fact]
    public void Delete_WhenIpamRefuses_DeletesTheLinkAllTheSame()
    {
        var world = World("ours");
        MakeMaster(world);
        world.Run(CniCommand.Add, Addressed, builtin: true);
        var broken = Addressed with
        {
            Config = """{"master":"m0","ipam":{"type":"host-local","dataDir":"FOLDER/ipam","subnet":"nonsense"}}"""
        };
        Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Del, broken, builtin: true));
        Assert.Null(LinkIn(world.Inside(), "eth0"));
    }

    [Theory]
    [InlineData("mode")]
    [InlineData("mac")]
    [InlineData("address")]
    [InlineData("route")]
    [InlineData("master")]
    [InlineData("gone")]
    public void Check_OfWhatWasChangedSince_Fails(string changed)
    {
        var world = World("ours");
        MakeMaster(world);
        var result = world.Run(CniCommand.Add, Addressed, builtin: true);
        var what = changed switch
        {
            "mode" => Addressed with { Config = Addressed.Config.Replace("\"m0\"", "\"m0\",\"mode\":\"vepa\"", StringComparison.Ordinal) },
            "master" => Addressed with { Config = Addressed.Config.Replace("m0", "m9", StringComparison.Ordinal) },
            _ => Addressed,
        };
        using var inside = world.Inside();
        var link = inside.FindLink("eth0")!.Index;
        switch (changed)
        {
            case "mac": inside.SetMac(link, "02:00:00:00:00:99"); break;
            case "address": inside.DeleteAddress(link, IPAddress.Parse("10.9.0.2"), 24); break;
            case "route": inside.DeleteRoute(inside.Routes().Single(route => route.Destination.Equals(IPAddress.Parse("10.7.0.0")))); break;
            case "gone": inside.DeleteLink(link); break;
        }
        Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Check, what, builtin: true, result));
    }

    [Theory]
    [InlineData("""{"cniVersion":"1.1.0","master":"m0"}""", true)]
    [InlineData("""{"cniVersion":"1.1.0"}""", true)]
    [InlineData("""{"cniVersion":"1.1.0","master":"m9"}""", false)]
    [InlineData("""{"cniVersion":"1.1.0","master":"m9","linkInContainer":true}""", true)]
    public void Status_AsksForTheMaster(string config, bool ready)
    {
        var world = World("ours");
        MakeMaster(world);
        var fault = Record.Exception(() => world.Run(CniCommand.Status, new("macvlan", config), builtin: true));
        Assert.Equal(ready ? null : CniErrorCode.NotAvailable, (fault as CniPluginException)?.Code);
    }

    [Fact]
    public async Task GcAndStatus_GoOnToIpam()
    {
        var ipam = new RecordingInvoker();
        var invoker = new BuiltinInvoker(BuiltinUse.Always, ipam, FirewallOf(Space("host")));
        foreach (var command in new[] { CniCommand.Gc, CniCommand.Status })
        {
            var call = new PluginCall(command, PluginType.Parse("macvlan"), "", "", "", "",
                """{"cniVersion":"1.1.0","name":"net1","type":"macvlan","master":"lo","ipam":{"type":"mine"}}"""u8.ToArray());
            await invoker.InvokeAsync(call with { Builtins = new HashSet<string> { "macvlan" } }, CancellationToken.None);
        }
        Assert.Equal(["Gc mine", "Status mine"], ipam.Verbs);
    }

    private static void MakeMaster(PluginWorld world)
    {
        using var host = world.OnHost();
        host.CreateVeth("m0", "m1");
        var master = host.FindLink("m0")!.Index;
        host.SetUp(master);
        host.SetUp(host.FindLink("m1")!.Index);
        host.AddAddress(master, IPAddress.Parse("10.8.0.1"), 24);
        host.AddRoute(new(IPAddress.Any, 0, IPAddress.Parse("10.8.0.254"), master));
    }

    private static IEnumerable<string> HeldIn(PluginWorld world)
    {
        var folder = Path.Combine(world.Folder, "ipam", "net1");
        return Directory.Exists(folder) ? Directory.GetFiles(folder).Where(file => IPAddress.TryParse(Path.GetFileName(file), out _)) : [];
    }
}

using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Nftables;
using CniCore.Plugins;
using CniCore.Firewall;
using CniCore.Spec;
using CniCore.Tests.Runtime;

namespace CniCore.Tests.Plugins;

public sealed class PtpTests : SideBySideTest
{
    private const string Both = """
        "ipam":{"type":"host-local","dataDir":"FOLDER/ipam","ranges":[[{"subnet":"10.9.0.0/24"}],[{"subnet":"fd09::/64"}]],
        "routes":[{"dst":"0.0.0.0/0"},{"dst":"10.7.0.0/16","gw":"10.9.0.1"},{"dst":"::/0"}]}
        """;

    private const string Static = """
        "ipam":{"type":"static","addresses":[{"address":"10.9.0.5/24","gateway":"10.9.0.1"}],"dns":{"nameservers":["9.9.9.9"]}}
        """;

    private static readonly PluginCase Ptp = new("ptp", $$"""{"ipMasq":true,{{Both}}}""");
    private static readonly string Identity = new AttachmentTag("net1", "c1", "eth0").Identity;

    [Theory]
    [InlineData("""{STATIC}""")]
    [InlineData("""{"cniVersion":"0.4.0","mtu":1400,STATIC}""")]
    [InlineData("""{"mtu":0,"dns":{"nameservers":["1.1.1.1"],"domain":"d","search":["s"],"options":["o"]},STATIC}""")]
    [InlineData("""{"dns":{},"ipMasq":false,STATIC}""")]
    [InlineData("""{BOTH}""")]
    public void AllVerbs_AreAsTheReference(string config) => AssertSame(
        new("ptp", config.Replace("STATIC", Static, StringComparison.Ordinal).Replace("BOTH", Both, StringComparison.Ordinal)), _ => { });

    // The rules themselves are not alike: CHECK looks for ours, and the reference's DEL fails where its own are missing.
    [Fact]
    public void Add_WithMasquerade_IsAsTheReferenceButForItsRules()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/iptables"), "the reference needs iptables");
        var (ours, theirs) = (World("ours"), World("theirs"));
        var (left, right) = (ours.Run(CniCommand.Add, Ptp, builtin: true), theirs.Run(CniCommand.Add, Ptp, builtin: false));
        Assert.Equal(WorldState.Of(theirs, right, ""), WorldState.Of(ours, left, ""));
        Assert.Equal(WorldState.Of(theirs, ""), WorldState.Of(ours, ""));

        theirs.Run(CniCommand.Del, Ptp, builtin: true, right);
        ours.Run(CniCommand.Del, Ptp, builtin: true, left);
        Assert.Equal(WorldState.Of(theirs, ""), WorldState.Of(ours, ""));
    }

    [Theory]
    [InlineData("10.9.0.1", "10.9.0.2")]
    [InlineData("fd09::1", "fd09::2")]
    public void Packets_GoBothWays(string gateway, string address)
    {
        var world = World("ours");
        world.Run(CniCommand.Add, Ptp, builtin: true);
        using var outside = SocketIn(world.Host, gateway);
        using var inside = SocketIn(world.Container, address);

        var received = new byte[8];
        inside.SendTo([1], outside.LocalEndPoint!);
        EndPoint from = outside.LocalEndPoint!;
        Assert.Equal(1, outside.ReceiveFrom(received, ref from));
        Assert.Equal(inside.LocalEndPoint, from);
        outside.SendTo([2, 3], from);
        Assert.Equal(2, inside.Receive(received));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"ipMasqBackend\":\"iptables\",")]
    [InlineData("\"ipMasqBackend\":\"nftables\",")]
    public void Masquerade_ComesAndGoes(string backend)
    {
        var what = Ptp with { Config = "{" + backend + Ptp.Config[1..] };
        var world = World("ours");
        var result = world.Run(CniCommand.Add, what, builtin: true);
        Assert.Contains(Identity, RulesOf(world), StringComparison.Ordinal);
        world.Run(CniCommand.Check, what, builtin: true, result);
        world.Run(CniCommand.Del, what, builtin: true, result);
        Assert.DoesNotContain(Identity, RulesOf(world), StringComparison.Ordinal);
        world.Run(CniCommand.Del, what, builtin: true, result);
    }

    [Fact]
    public void Add_OfTwoAddressesInOneSubnet_SetsBoth()
    {
        var world = World("ours");
        var what =
            new PluginCase(
                "ptp",
                    """{"ipam":{"type":"static","addresses":[{"address":"10.9.0.5/24","gateway":"10.9.0.1"},"""
                        + """{"address":"10.9.0.6/24","gateway":"10.9.0.1"}]}}""");
        var result = world.Run(CniCommand.Add, what, builtin: true);
        world.Run(CniCommand.Check, what, builtin: true, result);
        using var host = world.OnHost();
        Assert.Equal(2, host.Routes().Count(route => route.PrefixLength == 32));
    }

    [Theory]
    [InlineData("""{"ipMasqBackend":"odd",BOTH}""", "odd")]
    [InlineData("""{}""", "ipam")]
    [InlineData("""{"mtu":99999999,BOTH}""", "veth")]
    [InlineData("""{"ipam":{"type":"static","addresses":[{"address":"10.9.0.5/24"}]}}""", "gateway")]
    [InlineData(
        """{"ipam":{"type":"host-local","dataDir":"FOLDER/ipam","subnet":"10.9.0.0/24","routes":[{"dst":"10.7.0.0/16","gw":"1.2.3.4"}]}}""",
            "10.7.0.0")]
    public void Add_ThatFails_LeavesNeitherLinkNorAddress(string config, string word)
    {
        var world = World("ours");
        var what = new PluginCase("ptp", config.Replace("BOTH", Both, StringComparison.Ordinal));
        Assert.Contains(word, Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Add, what, builtin: true)).Message,
            StringComparison.Ordinal);
        AssertNothingLeft(world);
    }

    [Fact]
    public void Add_WhereTheHostHasARouteToTheAddress_IsUndone()
    {
        var world = World("ours");
        using (var host = world.OnHost())
            host.AddRoute(new(IPAddress.Parse("10.9.0.2"), 32, null, 1, Scope: 254));
        Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Add, Ptp, builtin: true));
        AssertNothingLeft(world);
    }

    [Fact]
    public void Add_InTheHostsOwnNamespace_IsRefused_AndNoAddressIsTaken()
    {
        var world = World("ours");
        Assert.Equal(CniErrorCode.InvalidNetNs,
            Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Add, Ptp, builtin: true, netns: world.HostPath)).Code);
        AssertNothingLeft(world);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("gone", true)]
    [InlineData("file", true)]
    [InlineData("", false)]
    [InlineData("gone", false)]
    [InlineData("ours-container", false)]
    public void Delete_WithoutWhatAddKnew_CleansUp(string netns, bool hasPrevious)
    {
        var world = World("ours");
        var result = world.Run(CniCommand.Add, Ptp, builtin: true);
        File.WriteAllText(PathOf("file"), "");
        world.Run(CniCommand.Del, Ptp, builtin: true, hasPrevious ? result : null, netns.Length == 0 ? "" : PathOf(netns));
        AssertNothingLeft(world);
    }

    [Theory]
    [InlineData("mac")]
    [InlineData("address")]
    [InlineData("route")]
    [InlineData("gone")]
    [InlineData("masquerade")]
    public void Check_OfWhatWasChangedSince_Fails(string changed)
    {
        var world = World("ours");
        var result = world.Run(CniCommand.Add, Ptp, builtin: true);
        using var inside = world.Inside();
        var link = inside.FindLink("eth0")!.Index;
        switch (changed)
        {
            case "mac": inside.SetMac(link, "02:00:00:00:00:99"); break;
            case "address": inside.DeleteAddress(link, IPAddress.Parse("10.9.0.2"), 24); break;
            case "route": inside.DeleteRoute(inside.Routes().Single(route => route.Destination.Equals(IPAddress.Parse("10.7.0.0")))); break;
            case "gone": inside.DeleteLink(link); break;
            case "masquerade":
                world.Firewall.Masquerade.Remove(new("net1", "c1", "eth0"), []);
                break;
        }
        Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Check, Ptp, builtin: true, result));
    }

    [Fact]
    public void Gc_RemovesTheMasqueradeOfWhatIsNotValid_AndNothingElse()
    {
        var (world, ipam) = (World("ours"), new RecordingInvoker());
        world.Run(CniCommand.Add, Ptp, builtin: true);
        Collect("""[{"containerID":"c1","ifname":"eth0"}]""");
        Assert.Contains(Identity, RulesOf(world), StringComparison.Ordinal);

        Collect("""[{"containerID":"c2","ifname":"eth0"}]""");
        Assert.DoesNotContain(Identity, RulesOf(world), StringComparison.Ordinal);
        Assert.Equal(["Gc mine", "Gc mine"], ipam.Verbs);

        void Collect(string valid)
        {
            var request =
                $$"""{"cniVersion":"1.1.0","name":"net1","type":"ptp","ipMasq":true,"ipam":{"type":"mine"},"cni.dev/valid-attachments":"""
                    + $$"""{{valid}}}""";
            var call = new PluginCall(CniCommand.Gc, PluginType.Parse("ptp"), "", "", "", "",
                System.Text.Encoding.UTF8.GetBytes(request))
            { Builtins = new HashSet<string> { "ptp" } };
            new BuiltinInvoker(BuiltinUse.Always, ipam, world.Firewall).InvokeAsync(call, CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    private static void AssertNothingLeft(PluginWorld world)
    {
        using var host = world.OnHost();
        Assert.Equal(["lo"], LinksOf(host));
        Assert.Null(LinkIn(world.Inside(), "eth0"));
        Assert.DoesNotContain(Identity, RulesOf(world), StringComparison.Ordinal);
        var folder = Path.Combine(world.Folder, "ipam", "net1");
        Assert.DoesNotContain(Directory.Exists(folder) ? Directory.GetFiles(folder) : [], file =>
            IPAddress.TryParse(Path.GetFileName(file), out _));
    }

    private static string RulesOf(PluginWorld world) => world.Host.Inside(() => NftProgram.Run("list ruleset\n"));

    private static Socket SocketIn(NetworkNamespace space, string address) => space.Inside(() =>
    {
        var own = IPAddress.Parse(address);
        var socket = new Socket(own.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        socket.Bind(new IPEndPoint(own, 0));
        return socket;
    });
}

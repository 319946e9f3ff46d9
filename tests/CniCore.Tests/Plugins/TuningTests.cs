using System.Text.Json.Nodes;
using CniCore.Linux;
using CniCore.Plugins.Interfaces;
using CniCore.Plugins.Tuning;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

public sealed class TuningTests : SideBySideTest
{
    private const string DataDir = "\"dataDir\":\"FOLDER\"";
    private static readonly PluginCase Tuned = new("tuning", $$"""{{{DataDir}},"mtu":1400,"promisc":true}""");

    [Theory]
    [InlineData("""{"sysctl":{"net.ipv4.conf.eth0.arp_filter":"1","net/ipv4/ip_forward":"1"}}""")]
    [InlineData("""{"mac":"02:00:00:00:00:07",DATADIR}""")]
    [InlineData("""{"mtu":1300,"promisc":true,"allmulti":true,DATADIR}""")]
    [InlineData("""{"sysctl":{"net.ipv4.ip_forward":"1"},"promisc":false,"allmulti":false,"mtu":0,"mac":"",DATADIR}""")]
    [InlineData("""{"mac":"02:00:00:00:00:07","runtimeConfig":{"mac":"02:00:00:00:00:08"},DATADIR}""", "MAC=02:00:00:00:00:09")]
    [InlineData("""{"mac":"02:00:00:00:00:07",DATADIR}""", "IgnoreUnknown=1;MAC=02:00:00:00:00:09;K8S=x")]
    [InlineData(
        """{"sysctl":{"net.ipv4.ip_forward":"0"},"mtu":1300,"args":{"cni":{"sysctl":"""
            + """{"net.ipv4.conf.eth0.arp_filter":"1"},"mac":"02:00:00:00:00:0a","mtu":1200,"promisc":true,"allmulti":true}},DATADIR}""")]
    [InlineData("""{"MTU":1300,"PROMISC":true,DATADIR}""")]
    public void AllVerbs_AreAsTheReference(string config, string args = "") =>
        AssertSame(new("tuning", config.Replace("DATADIR", DataDir, StringComparison.Ordinal), args), MakeInterface, Previous);

    [Fact]
    public void Backup_IsTheReferences_WithTheNetworkBesides()
    {
        var (ours, theirs) = (World("ours"), World("theirs"));
        foreach (var (world, builtin) in new[] { (ours, true), (theirs, false) })
        {
            MakeInterface(world);
            world.Run(CniCommand.Add, Tuned, builtin, Previous(world));
        }
        var (left, right) = (JsonNode.Parse(File.ReadAllText(BackupIn(ours)))!.AsObject(),
            JsonNode.Parse(File.ReadAllText(BackupIn(theirs)))!.AsObject());
        Assert.Equal("net1", (string?)left["network"]);
        left.Remove("network");
        Assert.True(JsonNode.DeepEquals(left, right), left + " " + right);
    }

    [Fact]
    public void Sysctl_ThatCanOnlyBeWritten_IsWritten()
    {
        var what = new PluginCase("tuning", """{"sysctl":{"net.ipv4.route.flush":"1"}}""");
        foreach (var builtin in new[] { true, false })
        {
            var world = World(builtin ? "ours" : "theirs");
            MakeInterface(world);
            world.Run(CniCommand.Add, what, builtin, Previous(world));
            Assert.Equal(builtin, Record.Exception(() => world.Run(CniCommand.Check, what, builtin, Previous(world))) is null);
        }
    }

    // Both came after 1.1.1, which cannot be asked.
    [Theory]
    [InlineData("""{"txQLen":77,"sysctl":{"net.ipv4.conf.IFNAME.arp_filter":"1"}""")]
    [InlineData("""{"txQLen":5,"args":{"cni":{"txQLen":77,"sysctl":{"net/ipv4/conf/IFNAME/arp_filter":"1"}}}""")]
    public void Add_WithWhatIsNewer_SetsIt_AndDeleteSetsItBack(string config)
    {
        var what = new PluginCase("tuning", $$"""{{config}},{{DataDir}}}""");
        var world = Made(what);
        using var inside = world.Inside();
        var index = inside.FindLink("eth0")!.Index;
        Assert.Equal((77, "1"), (inside.FindSettings(index)!.TxQueueLength,
            world.Container.Inside(() => Sysctl.Read("net/ipv4/conf/eth0/arp_filter"))));
        world.Run(CniCommand.Check, what, builtin: true, Previous(world));

        world.Run(CniCommand.Del, what, builtin: true);
        Assert.Equal(1000, inside.FindSettings(index)!.TxQueueLength);
    }

    [Fact]
    public void Add_WithAMacInAnyForm_AnswersItAsTheKernelShowsIt()
    {
        var what = Tuned with { Config = $$"""{{{DataDir}},"mac":"02-00-00-00-00-AB"}""" };
        var world = World("ours");
        MakeInterface(world);
        var result = world.Run(CniCommand.Add, what, builtin: true, Previous(world));

        Assert.Equal("02:00:00:00:00:ab", (string?)JsonNode.Parse(result)!["interfaces"]![0]!["mac"]);
        world.Run(CniCommand.Check, what, builtin: true, result);
    }

    [Fact]
    public void Delete_SetsTheInterfaceBack_AndDeletesTheBackup()
    {
        var world = Made(Tuned);
        using var inside = world.Inside();
        Assert.Equal(1400, inside.FindLink("eth0")!.Mtu);

        world.Run(CniCommand.Del, Tuned, builtin: true);
        Assert.Equal(1500, inside.FindLink("eth0")!.Mtu);
        Assert.False(File.Exists(BackupIn(world)));
        world.Run(CniCommand.Del, Tuned, builtin: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gone")]
    [InlineData("ours/c1_eth0.json")]
    public void Delete_WithoutTheNamespace_DeletesTheBackup(string netns)
    {
        var world = Made(Tuned);
        world.Run(CniCommand.Del, Tuned, builtin: true, netns: netns.Length == 0 ? "" : PathOf(netns));
        Assert.False(File.Exists(BackupIn(world)));
    }

    [Fact]
    public void Delete_WithoutTheInterface_DeletesTheBackup()
    {
        var world = Made(Tuned);
        using (var inside = world.Inside())
            inside.DeleteLink(inside.FindLink("eth0")!.Index);
        world.Run(CniCommand.Del, Tuned, builtin: true);
        Assert.False(File.Exists(BackupIn(world)));
    }

    [Theory]
    [InlineData("\"mtu\":1400,\"sysctl\":{\"net.ipv4.ip_forward\":\"1\",\"net.ipv4.none\":\"1\"}")]
    [InlineData("\"promisc\":true,\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"},\"mtu\":99999999")]
    public void Add_ThatFailsHalfWay_LeavesEverythingAsItWas(string config)
    {
        var what = new PluginCase("tuning", $$"""{{{DataDir}},{{config}}}""");
        var world = World("ours");
        MakeInterface(world);
        var before = WorldState.Of(world, "");

        Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Add, what, builtin: true, Previous(world)));
        Assert.Equal(before, WorldState.Of(world, ""));
        Assert.False(File.Exists(BackupIn(world)));
    }

    [Theory]
    [InlineData("""{"sysctl":{"net.ipv4.ip_forward":"1","net.ipv4.ip_forward":"0"}}""", "duplicated")]
    [InlineData("""{"sysctl":{"kernel.hostname":"x"}}""", "invalid net sysctl key")]
    [InlineData("""{"mac":"nonsense"}""", "nonsense")]
    public void Add_OfWhatIsNotAllowed_SaysWhat(string config, string word)
    {
        var world = World("ours");
        var invoker = new CniCore.Plugins.BuiltinInvoker(CniCore.Plugins.BuiltinUse.Always, new ReferenceInvoker(world.HostPath),
            world.Firewall);
        var request = $$"""{"name":"net1","type":"tuning","cniVersion":"1.0.0","prevResult":{"cniVersion":"1.0.0"},{{config[1..]}}""";
        var call = new PluginCall(CniCommand.Add, PluginType.Parse("tuning"), "c1", world.NetNs, "eth0", "",
            System.Text.Encoding.UTF8.GetBytes(request))
        { Builtins = new HashSet<string> { "tuning" } };
        var fault = Assert.Throws<CniPluginException>(() => invoker.InvokeAsync(call, CancellationToken.None).GetAwaiter().GetResult());
        Assert.Contains(word, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_WithoutAPreviousResult_IsRefused() =>
        Assert.Contains("prevResult", Assert.Throws<CniPluginException>(() =>
            World("ours").Run(CniCommand.Add, Tuned, builtin: true)).Message, StringComparison.Ordinal);

    [Fact]
    public void Add_InTheHostsOwnNamespace_IsRefused()
    {
        var world = World("ours");
        Assert.Equal(CniErrorCode.InvalidNetNs,
            Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Add, Tuned, builtin: true, Previous(world), world.HostPath)).Code);
    }

    [Theory]
    [InlineData("mtu")]
    [InlineData("sysctl")]
    public void Check_OfWhatWasChangedSince_Fails(string changed)
    {
        var what = Tuned with { Config = $$"""{{{DataDir}},"mtu":1400,"sysctl":{"net.ipv4.ip_local_port_range":"2000 3000"} }""" };
        var world = Made(what);
        world.Run(CniCommand.Check, what, builtin: true, Previous(world));
        using var inside = world.Inside();
        if (changed == "mtu")
            inside.SetMtu(inside.FindLink("eth0")!.Index, 1399);
        else
            world.Container.Inside(() => Sysctl.Write("net/ipv4/ip_local_port_range", "2000 3001"));

        Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Check, what, builtin: true, Previous(world)));
    }

    [Fact]
    public void Gc_DeletesBackupsOfItsNetworkThatAreNotValid()
    {
        var world = Made(Tuned);
        world.Run(CniCommand.Add, Tuned, builtin: true, Previous(world), containerId: "c2");
        File.WriteAllText(Path.Combine(world.Folder, "c3_eth0.json"), """{"mtu":1500,"network":"other"}""");
        File.WriteAllText(Path.Combine(world.Folder, "c4_eth0.json"), """{"mtu":1500}""");

        world.Run(
            CniCommand.Gc,
                Tuned with
                {
                    Config = $$"""{{{DataDir}},"cniVersion":"1.1.0","cni.dev/valid-attachments":[{"containerID":"c2","ifname":"eth0"}]}"""
                },
                    builtin: true);
        Assert.Equal(["c2_eth0.json", "c3_eth0.json", "c4_eth0.json"],
            Directory.GetFiles(world.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Allowlist_LetsThroughWhatALineMatches()
    {
        File.WriteAllText(PathOf("list"), "^net\\.ipv4\\.conf\\..*\n\n  ^net.core.somaxconn$ \n");
        var list = new TuningAllowlist(PathOf("list"));
        list.Check(["net.ipv4.conf.IFNAME.arp_filter", "net.core.somaxconn"]);
        Assert.Contains("net.ipv6.x", Assert.Throws<CniPluginException>(() => list.Check(["net.core.somaxconn", "net.ipv6.x"])).Message,
            StringComparison.Ordinal);
        new TuningAllowlist(PathOf("none")).Check(["net.ipv6.x"]);
    }

    private PluginWorld Made(PluginCase what)
    {
        var world = World("ours");
        MakeInterface(world);
        world.Run(CniCommand.Add, what, builtin: true, Previous(world));
        return world;
    }

    private static void MakeInterface(PluginWorld world)
    {
        using var inside = world.Inside();
        inside.CreateVeth("eth0", "other", "02:00:00:00:00:01");
    }

    private static string Previous(PluginWorld world) =>
        $$"""{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","mac":"02:00:00:00:00:01","sandbox":"{{world.NetNs}}"}],"ips":["""
            + $$"""{"interface":0,"address":"10.0.0.5/24"}]}""";

    private static string BackupIn(PluginWorld world) => Path.Combine(world.Folder, "c1_eth0.json");
}

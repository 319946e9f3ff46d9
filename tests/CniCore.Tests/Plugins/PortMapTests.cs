using System.Net;
using System.Net.Sockets;
using CniCore.Plugins.PortMap;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

public sealed class PortMapTests : RulesTest
{
    private static readonly Calls Attachment = new(new PortMapPlugin(), "portmap", 1, 2) { Keys = Ports("""{ "hostPort": 8080, "containerPort": 80, "protocol": "tcp" }, { "hostPort": 8080, "containerPort": 80, "protocol": "udp" }""") };

    [Theory]
    [InlineData(0, "192.0.2.1")]
    [InlineData(1, "2001:db8::1")]
    public async Task Add_FromOutside_ReachesTheContainerUnderTheCallersAddress(int family, string host)
    {
        _ = Outside;
        using var tcp = Listener(Container(1, 2), Any(host), 80);
        await AddAsync(Attachment);
        Assert.Equal(Outsider[family], await ConnectedAsync(tcp, Outside, host, 8080));
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::1")]
    public async Task Add_Udp_ReachesTheContainer(string host)
    {
        _ = Outside;
        using var udp = Udp(Container(1, 2), Any(host), 80);
        await AddAsync(Attachment);
        Assert.Contains(await SeenByAsync(udp, Outside, host, 8080), Outsider);
    }

    [Theory]
    [InlineData("127.0.0.1", "10.1.0.1")]
    [InlineData("10.1.0.1", "10.1.0.1")]
    [InlineData("192.0.2.1", "10.1.0.1")]
    [InlineData("fd00:1::1", "fd00:1::1")]
    public async Task Add_FromTheHostItself_ReachesTheContainer(string to, string seen)
    {
        _ = Outside;
        using var tcp = Listener(Container(1, 2), Any(to), 80);
        await AddAsync(Attachment);
        var caller = await ConnectedAsync(tcp, Host, to, 8080);
        Assert.Equal(to == "192.0.2.1" ? to : seen, caller);
    }

    [Theory]
    [InlineData(2, "10.1.0.1")]
    [InlineData(3, "10.1.0.1")]
    [InlineData(2, "fd00:1::1")]
    [InlineData(3, "fd00:1::1")]
    public async Task Add_FromItsOwnSubnet_ReachesTheContainerUnderTheHostsAddress(int caller, string host)
    {
        using var tcp = Listener(Container(1, 2), Any(host), 80);
        var client = caller == 2 ? null : Container(1, caller);
        await AddAsync(Attachment);
        if (client is null)
        {
            using var own = CniCore.Linux.Namespaces.NetworkNamespace.Open(PathOf("c1-2"));
            Assert.Equal(host, await ConnectedAsync(tcp, own, host, 8080));
        }
        else
        {
            Assert.Equal(host, await ConnectedAsync(tcp, client, host, 8080));
        }
    }

    [Fact]
    public async Task Add_ForOneHostAddress_MapsThatAlone()
    {
        _ = Outside;
        using var tcp = Listener(Container(1, 2), "0.0.0.0", 80);
        await AddAsync(Attachment with { Keys = Ports("""{ "hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "10.1.0.1" }""") });

        Assert.Equal(Outsider[0], await ConnectedAsync(tcp, Outside, "10.1.0.1", 8080));
        await Assert.ThrowsAsync<SocketException>(() => ConnectedAsync(tcp, Outside, "192.0.2.1", 8080));
    }

    [Fact]
    public async Task Add_WithConditions_MapsWhatMeetsThem()
    {
        _ = Outside;
        var before = Rules();
        using var tcp = Listener(Container(1, 2), "0.0.0.0", 80);
        var conditional = Attachment with { Keys = Ports("""{ "hostPort": 8080, "containerPort": 80 }""", """ "conditionsV4": [ "ip", "saddr", "192.0.2.0/24" ] """) };
        await AddAsync(conditional);

        Assert.Equal(Outsider[0], await ConnectedAsync(tcp, Outside, "192.0.2.1", 8080));
        await Assert.ThrowsAsync<SocketException>(() => ConnectedAsync(tcp, Host, "10.1.0.1", 8080));
        await InHostAsync(conditional.CheckAsync);
        await InHostAsync((conditional with { Keys = "{}" }).DeleteAsync);
        Assert.Equal(before, Rules());
    }

    [Theory]
    [InlineData(""" "snat": false """, "192.0.2.2")]
    [InlineData(""" "masqAll": true """, "10.1.0.1")]
    public async Task Add_WithSnatKeys_ShowsTheCallerAsAsked(string keys, string seen)
    {
        _ = Outside;
        using var tcp = Listener(Container(1, 2), "0.0.0.0", 80);
        await AddAsync(Attachment with { Keys = Ports("""{ "hostPort": 8080, "containerPort": 80 }""", keys) });
        Assert.Equal(seen, await ConnectedAsync(tcp, Outside, "192.0.2.1", 8080));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("", "10.1.0.1")]
    [InlineData("10.1.0.1", "")]
    [InlineData("10.1.0.1", "10.1.0.1")]
    public async Task Add_OfAPortThatAnotherHas_IsRefusedInDockersWords(string first, string second)
    {
        static string Keys(string host) => Ports($$"""{ "hostPort": 8080, "containerPort": 80, "hostIP": "{{host}}" }""");
        await AddAsync(Attachment with { Keys = Keys(first) });
        var before = Rules();

        var fault = await Assert.ThrowsAsync<CniPluginException>(() => AddAsync(Attachment with { Number = 3, Keys = Keys(second) }));
        Assert.Equal($"Bind for {(second.Length > 0 ? second : "0.0.0.0")}:8080 failed: port is already allocated", fault.Message);
        Assert.Equal(before, Rules());
    }

    [Fact]
    public async Task Add_OfAPortThatThisProcessHolds_Succeeds()
    {
        using var held = Listener(Host, "0.0.0.0", 8080);
        await AddAsync(Attachment);
    }

    [Fact]
    public async Task Add_Twice_IsAsOnce()
    {
        await AddAsync(Attachment);
        var once = Rules();
        await AddAsync(Attachment);
        Assert.Equal(once, Rules());
        await InHostAsync(Attachment.CheckAsync);
    }

    [Fact]
    public async Task Add_WithoutPorts_PassesTheResultOn()
    {
        var result = await AddAsync(Attachment with { Keys = "{}" });
        Assert.Equal(2, result.Ips.Count);
        Assert.Empty(Rules());
    }

    [Theory]
    [InlineData(""" "externalSetMarkChain": "KUBE-MARK-MASQ" """)]
    [InlineData(""" "conditionsV4": [ "-s", "10.0.0.0/8" ] """)]
    [InlineData(""" "conditionsV6": [ "!", "-s", "fd00::/8" ] """)]
    public async Task Add_WithWhatOnlyIptablesHas_IsRefused(string keys)
    {
        var fault = await Assert.ThrowsAsync<CniPluginException>(() => AddAsync(Attachment with { Keys = Ports("""{ "hostPort": 8080, "containerPort": 80 }""", keys) }));
        Assert.Equal(CniErrorCode.InvalidConfig, fault.Code);
    }

    [Fact]
    public async Task Delete_InWhateverState_LeavesNothing()
    {
        Nft("add table inet others\n");
        var before = Rules();
        foreach (var known in new[] { Attachment, Attachment with { HasResult = false }, Attachment with { Keys = "{}" } })
        {
            await AddAsync(Attachment);
            await InHostAsync(known.DeleteAsync);
            Assert.Equal(before, Rules());
            await InHostAsync(known.DeleteAsync);
            Assert.Equal(before, Rules());
        }

        await AddAsync(Attachment);
        Nft("flush ruleset\n");
        await Assert.ThrowsAsync<CniPluginException>(() => InHostAsync(Attachment.CheckAsync));
        await InHostAsync(Attachment.DeleteAsync);
        Assert.Empty(Rules());
    }

    [Fact]
    public async Task Delete_OfOne_LeavesTheOther()
    {
        var other = Attachment with { Number = 3, Keys = Ports("""{ "hostPort": 8081, "containerPort": 80 }""") };
        await AddAsync(other);
        var before = Rules();
        await AddAsync(Attachment);
        await InHostAsync(Attachment.DeleteAsync);
        Assert.Equal(before, Rules());
        await InHostAsync(other.CheckAsync);
    }

    [Fact]
    public async Task Add_OfAnAddressThatAnotherLeftBehind_RemovesItsPorts()
    {
        var old = Attachment with { Network = "old" };
        await AddAsync(old);
        var current = Attachment with { Keys = Ports("""{ "hostPort": 8081, "containerPort": 80 }""") };
        await AddAsync(current);
        Assert.DoesNotContain("8080", Rules(), StringComparison.Ordinal);
        await InHostAsync(old.DeleteAsync);
        await InHostAsync(current.CheckAsync);
    }

    [Fact]
    public async Task CollectGarbage_RemovesWhatIsNotValid()
    {
        var stale = Attachment with { Number = 3, Keys = Ports("""{ "hostPort": 8081, "containerPort": 80 }""") };
        await AddAsync(Attachment);
        var before = Rules();
        await AddAsync(stale);
        await InHostAsync(() => Attachment.CollectAsync(Attachment.Tag));
        Assert.Equal(before, Rules());
        await InHostAsync(() => (Attachment with { Network = "other" }).CollectAsync());
        Assert.Equal(before, Rules());
        await InHostAsync(Attachment.StatusAsync);
    }

    private static string Ports(string mappings, string keys = "") =>
        $$"""{ "runtimeConfig": { "portMappings": [ {{mappings}} ] }{{(keys.Length > 0 ? "," : "")}} {{keys}} }""";

    private Task<CniResult> AddAsync(Calls calls) => Host.Inside(calls.AddAsync);

    private Task InHostAsync(Func<Task> work) => Host.Inside(work);
}

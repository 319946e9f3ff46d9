using System.Net;
using System.Net.Sockets;
using CniCore.Plugins.PortMap;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

public sealed class PortMapTests : PortMapTest
{
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
    [InlineData("::1", "fd00:1::1")]
    public async Task Add_FromTheHostItself_ReachesTheContainer(string to, string seen)
    {
        _ = Outside;
        BridgesUseRules(false);
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
        await AddAsync(
            Attachment with { Keys = Ports("""{ "hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "10.1.0.1" }""") });

        Assert.Equal(Outsider[0], await ConnectedAsync(tcp, Outside, "10.1.0.1", 8080));
        await Assert.ThrowsAsync<SocketException>(() => ConnectedAsync(tcp, Outside, "192.0.2.1", 8080));
    }

    [Fact]
    public async Task Add_WithConditions_MapsWhatMeetsThem()
    {
        _ = Outside;
        var before = Rules();
        using var tcp = Listener(Container(1, 2), "0.0.0.0", 80);
        var conditional = Attachment with
        {
            Keys = Ports("""{ "hostPort": 8080, "containerPort": 80 }""", """ "conditionsV4": [ "ip", "saddr", "192.0.2.0/24" ] """)
        };
        await AddAsync(conditional);

        Assert.Equal(Outsider[0], await ConnectedAsync(tcp, Outside, "192.0.2.1", 8080));
        await Assert.ThrowsAsync<SocketException>(() => ConnectedAsync(tcp, Host, "10.1.0.1", 8080));
        await InHostAsync(conditional.CheckAsync);
        await InHostAsync((conditional with { Keys = "{}" }).DeleteAsync);
        Assert.Equal(before, Rules());
    }

    [Fact]
    public async Task Add_WithConditionsForBothFamilies_AsksEachItsOwn()
    {
        _ = Outside;
        var container = Container(1, 2);
        using var v4 = Listener(container, "0.0.0.0", 80);
        using var v6 = Listener(container, "::", 80);
        await AddAsync(
            Attachment with
            {
                Keys = Ports("""{ "hostPort": 8080, "containerPort": 80 }""",
                """ "conditionsV4": [ "ip saddr 192.0.2.9" ], "conditionsV6": [ "ip6", "saddr", "2001:db8::/32" ] """)
            });

        Assert.Equal(Outsider[1], await ConnectedAsync(v6, Outside, HostOutside[1], 8080));
        await Assert.ThrowsAsync<SocketException>(() => ConnectedAsync(v4, Outside, HostOutside[0], 8080));
    }

    // Whom the conditions of one do not let through, the other gets.
    [Fact]
    public async Task Add_WithConditions_StandsBesideOneWithout()
    {
        _ = Outside;
        using var some = Listener(Container(1, 2), "0.0.0.0", 80);
        using var rest = Listener(Container(1, 3), "0.0.0.0", 80);
        const string Port = """{ "hostPort": 8080, "containerPort": 80 }""";
        await AddAsync(Attachment with { Number = 3, Keys = Ports(Port) });
        await AddAsync(Attachment with
        {
            Keys = Ports(Port, """ "conditionsV4": [ "ip saddr 192.0.2.2" ], "conditionsV6": [ "ip6 saddr 2001:db8::2" ] """)
        });

        await ConnectedAsync(some, Outside, HostOutside[0], 8080);
        await ConnectedAsync(rest, Host, HostOutside[0], 8080);
    }

    [Theory]
    [InlineData("no such match")]
    [InlineData("ip saddr 10.0.0.1 accept\nadd table inet evil")]
    public async Task Add_WithConditionsThatAreNone_IsRefused_AndLeavesNothing(string condition)
    {
        var keys = Ports("""{ "hostPort": 8080, "containerPort": 80 }""",
            $$""" "conditionsV4": [ {{System.Text.Json.Nodes.JsonValue.Create(condition).ToJsonString()}} ] """);
        await Assert.ThrowsAnyAsync<Exception>(() => AddAsync(Attachment with { Keys = keys }));
        Assert.Empty(Rules());
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
        var fault = await Assert.ThrowsAsync<CniPluginException>(() =>
            AddAsync(Attachment with { Keys = Ports("""{ "hostPort": 8080, "containerPort": 80 }""", keys) }));
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
    public async Task Delete_OfOneOfAContainersTwo_LeavesTheOther()
    {
        var second = Attachment with
        {
            IfName = "eth1",
            Bridge = 2,
            ContainerId = Attachment.Tag.ContainerId,
            Keys = Ports("""{ "hostPort": 8081, "containerPort": 80 }""")
        };
        await AddAsync(second);
        await AddAsync(Attachment);
        await InHostAsync((Attachment with { HasResult = false, Keys = "{}" }).DeleteAsync);
        Assert.DoesNotContain(Attachment.Tag.Identity, Rules(), StringComparison.Ordinal);
        await InHostAsync(second.CheckAsync);
        await InHostAsync(second.DeleteAsync);
        Assert.Empty(Rules());
    }

    // ADD of a process that was killed after it, and of one whose namespace is gone: no DEL came.
    [Fact]
    public async Task Add_AgainWithOtherPorts_ReplacesThem()
    {
        await AddAsync(Attachment);
        await AddAsync(Attachment with { Keys = Ports("""{ "hostPort": 8081, "containerPort": 81, "protocol": "udp" }""") });
        Assert.DoesNotContain("8080", Rules(), StringComparison.Ordinal);
        Assert.Contains("8081", Rules(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<CniPluginException>(() => InHostAsync(Attachment.CheckAsync));
        await InHostAsync(Attachment.DeleteAsync);
        Assert.Empty(Rules());
    }

    [Fact]
    public async Task Add_OfAThousandPorts_IsOneTransactionAndGoesAsOne()
    {
        _ = Outside;
        using var tcp = Listener(Container(1, 2), "0.0.0.0", 1999);
        var range = Attachment with
        {
            Keys = Ports(string.Join(',', Enumerable.Range(0, 2000)
                .Select(i =>
                $$"""{ "hostPort": {{9000 + i / 2}}, "containerPort": {{1000 + i / 2}}, "protocol":"""
                    + $$""" "{{(i % 2 == 0 ? "tcp" : "udp")}}" }""")))
        };
        await AddAsync(range);
        Assert.Equal(Outsider[0], await ConnectedAsync(tcp, Outside, HostOutside[0], 9999));
        await InHostAsync(range.CheckAsync);
        var fault = await Assert.ThrowsAsync<CniPluginException>(() =>
            AddAsync(Attachment with { Number = 3, Keys = Ports("""{ "hostPort": 9500, "containerPort": 80, "hostIP": "10.1.0.1" }""") }));
        Assert.Equal("Bind for 10.1.0.1:9500 failed: port is already allocated", fault.Message);
        await InHostAsync(range.DeleteAsync);
        Assert.Empty(Rules());
    }

    [Theory]
    [InlineData("""{ "hostPort": 0, "containerPort": 80 }""")]
    [InlineData("""{ "hostPort": 65536, "containerPort": 80 }""")]
    [InlineData("""{ "hostPort": 80, "containerPort": 0 }""")]
    [InlineData("""{ "hostPort": 80, "containerPort": 80, "protocol": "icmp" }""")]
    [InlineData("""{ "hostPort": 80, "containerPort": 80, "hostIP": "nowhere" }""")]
    public async Task Add_OfWhatIsNoMapping_IsRefused(string mapping)
    {
        Assert.Equal(CniErrorCode.InvalidConfig,
            (await Assert.ThrowsAsync<CniPluginException>(() => AddAsync(Attachment with { Keys = Ports(mapping) }))).Code);
        Assert.Empty(Rules());
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
        await InHostAsync(host => Attachment.CollectAsync(host, Attachment.Tag));
        Assert.Equal(before, Rules());
        await InHostAsync(host => (Attachment with { Network = "other" }).CollectAsync(host));
        Assert.Equal(before, Rules());
        await InHostAsync(Attachment.StatusAsync);
    }
}

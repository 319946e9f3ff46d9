using CniCore.Plugins.Firewall;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>What stands in the host's rules, and how it goes.</summary>
public sealed class FirewallLifeTests : FirewallTest
{
    [Theory]
    [InlineData(Modern, true, "open")]
    [InlineData(Modern, false, "isolated")]
    [InlineData(Legacy, true, "same-bridge")]
    [InlineData(Legacy, false, "open")]
    public async Task Delete_OfTheLast_LeavesNothing_WithAndWithoutResult(string backend, bool replayed, string policy)
    {
        _ = Host;
        DropAll(backend);
        var before = All();
        await AddAsync(On(1, 2, policy));
        await AddAsync(On(1, 3, policy));
        await AddAsync(On(2, 2, policy));
        var whole = All();
        await AddAsync(On(2, 3, policy));
        await DeleteAsync(On(2, 3, policy), replayed);
        Assert.Equal(whole, All());
        foreach (var number in new[] { 2, 3 })
            await DeleteAsync(On(1, number, policy), replayed);
        Assert.DoesNotContain("br1", All(), StringComparison.Ordinal);
        await InHostAsync(On(2, 2, policy).CheckAsync);
        await DeleteAsync(On(2, 2, policy), replayed);
        await DeleteAsync(On(2, 2, policy), replayed);
        Assert.Equal(before, All());
    }

    [Theory]
    [InlineData(Modern, true)]
    [InlineData(Legacy, true)]
    [InlineData(Legacy, false)]
    public async Task Delete_AfterAFlush_LeavesNothing(string backend, bool replayed)
    {
        _ = Host;
        DropAll(backend);
        await AddAsync(On(1, 2));
        Nft("flush ruleset");
        await DeleteAsync(On(1, 2), replayed);
        Assert.DoesNotContain("CN", All(), StringComparison.Ordinal);
        Assert.DoesNotContain("cnid", All(), StringComparison.Ordinal);
    }

    // Its packets cross the host's end of the pair then, which is a port of no bridge.
    [Theory]
    [InlineData(Modern)]
    [InlineData(Legacy)]
    public async Task Delete_AfterTheBridgeWasDeletedAndTheRulesWereRestored_LeavesNothing(string backend)
    {
        _ = Container(1, 2);
        DropAll(backend);
        var before = All();
        await AddAsync(On(1, 2));
        Tool("ip link delete br1");
        On(1, 2).RestoreRules(Firewall);
        Assert.DoesNotContain("br1", All(), StringComparison.Ordinal);
        await DeleteAsync(On(1, 2), replayed: true);
        Assert.Equal(before, All());
    }

    // Entered at both then; the host's end of the pair is gone with the container before its DEL.
    [Theory]
    [InlineData(Modern)]
    [InlineData(Legacy)]
    public async Task Delete_AfterTheBridgeWasMadeAgain_AndTheInterfaceIsGone_LeavesNothing(string backend)
    {
        _ = Container(1, 2);
        DropAll(backend);
        var before = All();
        await AddAsync(On(1, 2));
        Tool("ip link delete br1");
        On(1, 2).RestoreRules(Firewall);
        Tool("ip link add br1 type bridge");
        On(1, 2).RestoreRules(Firewall);
        Assert.Contains("v1-2", All(), StringComparison.Ordinal);
        Tool("ip link delete v1-2");
        await DeleteAsync(On(1, 2), replayed: true);
        Assert.Equal(before, All());
    }

    [Theory]
    [InlineData(Modern)]
    [InlineData(Legacy)]
    public async Task Delete_AfterItsChainWasFlushed_LeavesNothing(string backend)
    {
        _ = Host;
        DropAll(backend);
        var before = All();
        await AddAsync(On(1, 2));
        Tool($"iptables-{backend} -F CNID-CNI");
        await DeleteAsync(On(1, 2), replayed: true);
        Tool($"iptables-{backend} -X CNI-ADMIN"); // nothing says any more that it was asked
        Assert.Equal(before, All());
    }

    [Fact]
    public async Task WithoutIptables_OnlyTheTableIsThere()
    {
        _ = Host;
        await AddAsync(On(1, 2));
        Assert.DoesNotContain("FORWARD", Rules(), StringComparison.Ordinal);
        await InHostAsync(On(1, 2).CheckAsync);
        await DeleteAsync(On(1, 2), replayed: true);
        Assert.Equal("", Rules());
    }

    [Theory]
    [InlineData(Modern)]
    [InlineData(Legacy)]
    public async Task Delete_LeavesAnAdministratorsRules(string backend)
    {
        _ = Host;
        DropAll(backend);
        await AddAsync(On(1, 2));
        Tool($"iptables-{backend} -A CNI-ADMIN -s 192.0.2.9 -j DROP");
        await DeleteAsync(On(1, 2), replayed: true);
        Assert.Equal("-N CNI-ADMIN\n-A CNI-ADMIN -s 192.0.2.9/32 -j DROP\n", Tool($"iptables-{backend} -S CNI-ADMIN"));
        Assert.DoesNotContain("CNI-ADMIN", Tool($"ip6tables-{backend} -S"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("iptables-nft -F FORWARD")]
    [InlineData("iptables-nft -F CNID-CNI")]
    [InlineData("nft delete table inet cnid_firewall")]
    [InlineData("nft flush ruleset")]
    public async Task Check_SeesWhatWasTakenAway_AndTheNextAddMendsIt(string damage)
    {
        var one = Container(1, 2);
        using var outside = Udp(Outside, "0.0.0.0", 80);
        DropAll(Modern);
        await AddAsync(On(1, 2));
        await InHostAsync(On(1, 2).CheckAsync);
        Tool(damage);
        DropAll(Modern);
        await Assert.ThrowsAsync<CniPluginException>(() => InHostAsync(On(1, 2).CheckAsync));

        await AddAsync(On(1, 3));
        Assert.True(Reaches(one, outside, Outsider[0]));
    }

    [Fact]
    public async Task Delete_OfOneOfTwoInterfacesOfAContainer_LeavesTheOther()
    {
        _ = Host;
        DropAll(Modern);
        await AddAsync(On(1, 2));
        await AddAsync(On(1, 2) with { IfName = "eth1" });
        await DeleteAsync(On(1, 2), replayed: true);
        await InHostAsync((On(1, 2) with { IfName = "eth1" }).CheckAsync);
    }

    [Theory]
    [InlineData(Modern)]
    [InlineData(Legacy)]
    public async Task CollectGarbage_RemovesTheNetworksStale_AndNothingElse(string backend)
    {
        _ = Host;
        DropAll(backend);
        var before = All();
        await AddAsync(On(1, 2));
        var one = All();
        await AddAsync(On(1, 3));
        await AddAsync(On(2, 2) with { Network = "net1" });
        await InHostAsync(host => On(1, 9).CollectAsync(host, On(1, 2).Tag));
        Assert.Equal(one, All());
        await InHostAsync(host => On(2, 9).CollectAsync(host));
        Assert.Equal(one, All());
        await InHostAsync(host => On(1, 9).CollectAsync(host));
        Assert.Equal(before, All());
    }

    // As cnid 0.1 leaves them, which ends attachments and does not know what was admitted for them.
    [Theory]
    [InlineData(Modern)]
    [InlineData(Legacy)]
    public async Task RemoveStray_TakesWhatWasAdmittedForNobody_AndNothingElse(string backend)
    {
        _ = Host;
        DropAll(backend);
        var before = All();
        await AddAsync(On(1, 2)); // of another runtime, which called an executable
        await AddAsync(Admission(1, 3));
        var known = All();
        await AddAsync(Admission(1, 4));
        await AddAsync(Admission(2, 2));
        FirewallPlugin.RemoveStray(Firewall, () => new HashSet<string> { Admission(1, 3).Tag.Identity });
        Assert.Equal(known, All());
        FirewallPlugin.RemoveStray(Firewall, () => new HashSet<string>());
        await InHostAsync(On(1, 2).CheckAsync);
        await DeleteAsync(On(1, 2), replayed: true);
        Assert.Equal(before, All());
    }

    [Fact]
    public void RemoveWithoutPort_TakesTheElementsOfPortsThatAreGone_ButThoseOfAttachments_AndTheTableWithTheLast()
    {
        _ = Container(1, 2);
        var routers = Firewall.Routers;
        routers.Add(On(1, 2).Tag, "v1-2");
        routers.Add(On(1, 3).Tag, "v1-3");
        var known = new HashSet<string>();
        routers.RemoveWithoutPort(() => known);
        Assert.Equal("\"v1-2\"", Assert.Single(routers.Table.Elements()).Key);
        Tool("ip link delete v1-2");
        known.Add(On(1, 2).Tag.Identity);
        routers.RemoveWithoutPort(() => known);
        Assert.Single(routers.Table.Elements()); // its DEL is to come
        known.Clear();
        routers.RemoveWithoutPort(() => known);
        Assert.False(routers.Table.Exists());
    }

    [Theory]
    [InlineData("""{ "ingressPolicy": "closed" }""", "unknown ingress policy: closed; it is open, same-bridge or isolated")]
    [InlineData("""{ "iptablesAdminChainName": "A\n-F" }""", "is not a valid chain name")]
    [InlineData("""{ "backend": "firewalld" }""", "install firewalld")]
    public async Task Add_OfWhatIsNotPossible_SaysSo_AndLeavesNothing(string keys, string fault)
    {
        Assert.SkipWhen(keys.Contains("firewalld", StringComparison.Ordinal)
            && File.Exists("/usr/bin/firewall-cmd"), "firewalld is installed");
        _ = Host;
        DropAll(Modern);
        var before = All();
        var refused = await Assert.ThrowsAsync<CniPluginException>(() => AddAsync(On(1, 2) with { Keys = keys }));
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, All());
    }

    private static Calls Admission(int bridge, int number) =>
        On(bridge, number) with { Plugin = new FirewallPlugin(isImplied: true), Type = "cnid-admission" };

    private Task DeleteAsync(Calls calls, bool replayed) => InHostAsync((replayed ? calls : calls with { HasResult = false }).DeleteAsync);
}

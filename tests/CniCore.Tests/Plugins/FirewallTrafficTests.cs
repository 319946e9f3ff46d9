namespace CniCore.Tests.Plugins;

/// <summary>Who reaches whom, with packets.</summary>
public sealed class FirewallTrafficTests : FirewallTest
{
    public static TheoryData<string, int> BackendsAndFamilies => new() { { Modern, 0 }, { Modern, 1 }, { Legacy, 0 }, { Legacy, 1 } };

    [Theory]
    [MemberData(nameof(BackendsAndFamilies))]
    public async Task UnderDrop_ContainersOfOneBridgeReachEachOther(string backend, int family)
    {
        var (one, two) = (Container(1, 2), Container(1, 3));
        using var server = Udp(two, Any(Address(1, 3, family)), 80);
        DropAll(backend);
        Assert.False(Reaches(Container(1, 4), server, Address(1, 3, family), expected: false));

        await AddAsync(On(1, 2));
        await AddAsync(On(1, 3));
        Assert.True(Reaches(one, server, Address(1, 3, family)));
    }

    [Theory]
    [MemberData(nameof(BackendsAndFamilies))]
    public async Task UnderDrop_AContainerReachesTheOutside_WhichReachesOnlyWhatAnswers(string backend, int family)
    {
        using var outside = Udp(Outside, Any(Outsider[family]), 80);
        using var inside = Udp(Container(1, 2), Any(Outsider[family]), 80);
        var container = Container(1, 3);
        DropAll(backend);
        await AddAsync(On(1, 3));
        Assert.True(Reaches(container, outside, Outsider[family]));
        Assert.False(Reaches(Outside, inside, Address(1, 2, family), expected: false));
    }

    [Theory]
    [MemberData(nameof(BackendsAndFamilies))]
    public async Task UnderDrop_TheOutsideReachesWhatIsPublished(string backend, int family)
    {
        _ = Outside;
        using var server = Udp(Container(1, 2), Any(Outsider[family]), 80);
        DropAll(backend);
        await AddAsync(On(1, 2));
        Nft($"add table {Inet[family]} publishes; add chain {Inet[family]} publishes prerouting {{ type nat hook prerouting priority "
            + "dstnat; }");
        Nft($"add rule {Inet[family]} publishes prerouting iifname uplink udp dport 8080 dnat to "
            + $"{(family == 0 ? "10.1.0.2:80" : "[fd00:1::2]:80")}");
        Assert.NotEmpty(await SeenByAsync(server, Outside, HostOutside[family], 8080));
    }

    [Theory]
    [InlineData("open", "open", true)]
    [InlineData("same-bridge", "open", true)]
    [InlineData("same-bridge", "same-bridge", false)]
    [InlineData("isolated", "same-bridge", false)]
    public async Task TwoBridges_ReachEachOther_UnlessBothAreClosed(string first, string second, bool reach)
    {
        foreach (var family in new[] { 0, 1 })
        {
            var one = Container(1, 2 + family);
            using var server = Udp(Container(2, 2 + family), Any(Address(2, 2, family)), 80);
            if (family == 0)
                DropAll(Modern);
            await AddAsync(On(1, 2 + family, first));
            await AddAsync(On(2, 2 + family, second));
            Assert.Equal(reach, Reaches(one, server, Address(2, 2 + family, family), reach));
        }
    }

    [Theory]
    [InlineData("same-bridge", true)]
    [InlineData("isolated", false)]
    public async Task OneBridge_IsOpen_UnlessIsolated(string policy, bool reach)
    {
        foreach (var family in new[] { 0, 1 })
        {
            var one = Container(1, 2 + (2 * family));
            using var server = Udp(Container(1, 3 + (2 * family)), Any(Address(1, 3, family)), 80);
            DropAll(Modern);
            await AddAsync(On(1, 2 + (2 * family), policy));
            await AddAsync(On(1, 3 + (2 * family), policy));
            Assert.Equal(reach, Reaches(one, server, Address(1, 3 + (2 * family), family), reach));
        }
    }

    [Theory]
    [MemberData(nameof(BackendsAndFamilies))]
    public async Task AnotherBridge_SuchAsDockers_AndOurs_DoNotSeeEachOther(string backend, int family)
    {
        var (ours, dockers) = (Container(1, 2), Container(2, 2));
        using var here = Udp(ours, Any(Outsider[family]), 80);
        using var there = Udp(dockers, Any(Outsider[family]), 80);
        DropAll(backend);
        // What Docker up to v27 has for each of its bridges.
        Tool($"{(family == 0 ? "iptables" : "ip6tables")}-{backend} -A FORWARD -i br2 ! -o br2 -j ACCEPT");
        Tool(
            $"{(family == 0 ? "iptables" : "ip6tables")}-{backend} -A FORWARD -o br2 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
        Assert.True(Reaches(dockers, here, Address(1, 2, family)));
        await AddAsync(On(1, 2));
        Assert.False(Reaches(ours, there, Address(2, 2, family), expected: false));
        Assert.False(Reaches(dockers, here, Address(1, 2, family), expected: false));
    }

    [Theory]
    [InlineData(Modern)]
    [InlineData(Legacy)]
    public async Task TheAdministratorsChain_IsAskedFirst(string backend)
    {
        var one = Container(1, 2);
        using var outside = Udp(Outside, "0.0.0.0", 80);
        DropAll(backend);
        await AddAsync(On(1, 2, keys: """, "iptablesAdminChainName": "HOUSE-RULES" """));
        Tool($"iptables-{backend} -A HOUSE-RULES -d {Outsider[0]} -j DROP");
        Assert.False(Reaches(one, outside, Outsider[0], expected: false));
        Tool($"iptables-{backend} -F HOUSE-RULES");
        Assert.True(Reaches(one, outside, Outsider[0]));
    }

    [Fact]
    public async Task AnAttachmentWithoutAHostInterface_IsAdmittedByItsAddress()
    {
        var one = Container(1, 2);
        using var outside = Udp(Outside, "0.0.0.0", 80);
        DropAll(Modern);
        var before = All();
        var calls = On(9, 2) with { Bridge = 1, Interfaces = """{ "name": "eth0", "sandbox": "/run/netns/c" }""" };
        await AddAsync(calls);
        Assert.True(Reaches(one, outside, Outsider[0]));
        await InHostAsync(calls.CheckAsync);
        await InHostAsync(calls.DeleteAsync);
        Assert.Equal(before, All());
    }

    private static readonly string[] Inet = ["ip", "ip6"];

    private static string Address(int bridge, int number, int family) =>
        family == 0 ? $"10.{bridge}.0.{number}" : $"fd00:{bridge}::{number}";
}

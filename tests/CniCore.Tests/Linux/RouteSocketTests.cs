using System.Net;
using CniCore.Linux.Netlink;

namespace CniCore.Tests.Linux;

public sealed class RouteSocketTests : LinuxTest
{
    private const int EEXIST = 17;

    [Fact]
    public void Addresses_OfAThousand_AreReadToTheEnd()
    {
        using var route = Route("one");
        route.CreateBridge("br0");
        var index = route.FindLink("br0")!.Index;
        for (var i = 0; i < 1000; i++)
            route.AddAddress(index, new IPAddress([10, 1, (byte)(i / 250), (byte)(1 + (i % 250))]), 16);

        var found = route.Addresses(index);
        Assert.Equal(1000, found.Select(address => address.Address).Distinct().Count());
        Assert.All(found, address => Assert.Equal(16, address.PrefixLength));
    }

    [Fact]
    public void AddAddress_Twice_SaysWhatWasAskedAndTheErrno()
    {
        using var route = Route("one");
        route.AddAddress(1, IPAddress.Parse("10.1.0.5"), 16);

        var fault = Assert.Throws<NetlinkException>(() => route.AddAddress(1, IPAddress.Parse("10.1.0.5"), 16));
        Assert.Equal(EEXIST, fault.Errno);
        Assert.Contains("adding 10.1.0.5/16 to interface 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddRoute_ThroughNobody_CarriesTheKernelsOwnWords()
    {
        using var route = Route("one");
        route.SetUp(1);

        var fault = Assert.Throws<NetlinkException>(() =>
            route.AddRoute(new(IPAddress.Parse("10.2.0.0"), 16, IPAddress.Parse("10.9.9.9"), 1)));
        Assert.Contains("Nexthop has invalid gateway", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Veth_IsMadeNamedMovedAndDeleted()
    {
        using var here = Route("one");
        var there = Space("two");
        here.CreateVeth("a", "b", "02:00:00:00:00:01", 1400);

        var (a, b) = (here.FindLink("a")!, here.FindLink("b")!);
        Assert.Equal(("veth", "02:00:00:00:00:01", 1400, b.Index), (a.Kind, a.Mac, a.Mtu, a.PeerIndex));
        here.SetAlias(b.Index, "who I am");
        here.MoveTo(b.Index, there, "eth0");
        using var inside = RouteSocket.OpenIn(there);
        var moved = inside.FindLink("eth0")!;
        Assert.Equal(("who I am", b.Mac, false), (moved.Alias, moved.Mac, moved.IsUp));
        Assert.Null(here.FindLink("b"));

        here.DeleteLink(a.Index);
        Assert.Null(inside.FindLink("eth0"));
    }

    [Fact]
    public void BridgePortsUpMtuMac_AreAsSet()
    {
        using var route = Route("one");
        route.CreateBridge("br0");
        route.CreateVeth("a", "b");
        var (bridge, a) = (route.FindLink("br0")!, route.FindLink("a")!);

        route.SetMaster(a.Index, bridge.Index);
        route.SetUp(a.Index);
        route.SetMtu(a.Index, 1300);
        route.SetMac(a.Index, "02:00:00:00:00:09");
        route.Rename(route.FindLink("b")!.Index, "c");

        var changed = route.FindLink(a.Index)!;
        Assert.Equal((bridge.Index, true, 1300, "02:00:00:00:00:09"), (changed.MasterIndex, changed.IsUp, changed.Mtu, changed.Mac));
        Assert.NotNull(route.FindLink("c"));
        route.SetMaster(a.Index, 0);
        route.SetDown(a.Index);
        Assert.Equal((0, false), (route.FindLink(a.Index)!.MasterIndex, route.FindLink(a.Index)!.IsUp));
    }

    [Fact]
    public void Macvlan_StandsOnItsParent()
    {
        using var route = Route("one");
        route.CreateVeth("a", "b");
        var parent = route.FindLink("a")!;
        route.CreateMacvlan("m", parent.Index, mode: 4);

        Assert.Equal(("macvlan", parent.Index), (route.FindLink("m")!.Kind, route.FindLink("m")!.PeerIndex));
    }

    [Fact]
    public void Settings_AreAsSet()
    {
        using var route = Route("one");
        route.CreateVeth("a", "b");
        var parent = route.FindLink("a")!.Index;
        Assert.Equal(new LinkSettings(0, false, 1000, null), route.FindSettings(parent));

        route.SetPromiscuous(parent, true);
        route.SetAllMulticast(parent, true);
        route.SetTxQueueLength(parent, 7);
        route.CreateMacvlan(new MacvlanLink("m", parent, 2) { Mac = "02:00:00:00:00:05", Mtu = 1300 });
        Assert.Equal(new LinkSettings(1, true, 7, null), route.FindSettings(parent));
        Assert.Equal(2, route.FindSettings(route.FindLink("m")!.Index)!.MacvlanMode);
        Assert.Equal(("02:00:00:00:00:05", 1300), (route.FindLink("m")!.Mac, route.FindLink("m")!.Mtu));
        Assert.Null(route.FindSettings(9999));
    }

    [Theory]
    [InlineData("10.1.0.5", "10.1.0.0", 24)]
    [InlineData("fd00:1::5", "fd00:1::", 64)]
    public void DeleteConnectedRoute_LeavesTheAddress_AndARouteMayHaveItsSource(string address, string network, int length)
    {
        using var route = Route("one");
        route.CreateVeth("a", "b");
        var link = route.FindLink("a")!.Index;
        route.AddAddress(link, IPAddress.Parse(address), length);
        route.SetUp(link);
        route.DeleteConnectedRoute(link, IPAddress.Parse(network), length);

        var way = new Route(IPAddress.Parse(network), length, null, link, Metric: 50) { Source = IPAddress.Parse(address) };
        route.AddRoute(way);
        var found = route.Routes().Single(one => one.Destination.Equals(IPAddress.Parse(network)));
        Assert.Equal((50, way.Source), (found.Metric, found.Source));
        Assert.Contains(route.Addresses(link), one => one.Address.Equals(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("10.1.0.1", 24, "10.7.0.0", 16, "10.1.0.254")]
    [InlineData("fd00:1::1", 64, "fd00:7::", 48, "fd00:1::fe")]
    public void RoutesRulesAndNeighbours_ComeAndGo(string address, int length, string destination, int destinationLength, string gateway)
    {
        using var route = Route("one");
        route.CreateVeth("a", "b");
        var link = route.FindLink("a")!.Index;
        route.SetUp(link);
        route.SetUp(route.FindLink("b")!.Index);
        route.AddAddress(link, IPAddress.Parse(address), length);
        var way = new Route(IPAddress.Parse(destination), destinationLength, IPAddress.Parse(gateway), link, Metric: 50, Table: 300);
        var rule = new RoutingRule(IPAddress.Parse(address), IPAddress.Parse(address).GetAddressBytes().Length * 8, 300, 1000);

        route.AddRoute(way);
        route.AddRule(rule);
        route.SetNeighbour(link, IPAddress.Parse(gateway), "02:00:00:00:00:77");
        Assert.Contains(way, route.Routes(300));
        Assert.Contains(rule, route.Rules());
        Assert.Equal("02:00:00:00:00:77", route.Neighbours(link).Single(one => one.Address.Equals(IPAddress.Parse(gateway))).Mac);

        route.DeleteRoute(way);
        route.DeleteRule(rule);
        route.DeleteNeighbour(link, IPAddress.Parse(gateway));
        route.DeleteAddress(link, IPAddress.Parse(address), length);
        Assert.Empty(route.Routes(300));
        Assert.DoesNotContain(rule, route.Rules());
        Assert.DoesNotContain(route.Neighbours(link), one => one.Address.Equals(IPAddress.Parse(gateway)));
        Assert.DoesNotContain(route.Addresses(link), one => one.Address.Equals(IPAddress.Parse(address)));
    }

    [Fact]
    public async Task OneSocket_UsedByMany_AnswersEachItsOwn()
    {
        using var route = Route("one");
        for (var i = 0; i < 20; i++)
            route.CreateVeth($"a{i}", $"b{i}");

        await Parallel.ForAsync(0, 200, (i, _) =>
        {
            Assert.Equal($"a{i % 20}", route.FindLink($"a{i % 20}")!.Name);
            return ValueTask.CompletedTask;
        });
    }
}

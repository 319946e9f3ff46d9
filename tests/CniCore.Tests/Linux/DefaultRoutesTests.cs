using System.Net;
using CniCore.Linux.Netlink;

namespace CniCore.Tests.Linux;

/// <summary>Default routes of several interfaces, made as CNI's plugins make them: beside one another.</summary>
public sealed class DefaultRoutesTests : LinuxTest
{
    [Theory]
    [InlineData("0.0.0.0", "10.0.{0}.1", 0)]
    [InlineData("::", "fd00:{0}::1", 1024)]
    public void PreferDefaultRoutesOf_EachNewInterface_KeepsTheOrder(string any, string gateway, int metric)
    {
        using var route = Route("one");
        var links = new List<int> { 1 };
        for (var number = 1; number <= 3; number++)
        {
            var link = Add(route, number);
            route.AddRouteBeside(Default(number, link));
            route.PreferDefaultRoutesOf(links.ToHashSet());
            route.PreferDefaultRoutesOf(links.ToHashSet()); // right to repeat
            links.Add(link);
        }

        var expected = Enumerable.Range(1, 3).Select(number => Default(number, links[number]) with { Metric = metric + number - 1 });
        Assert.Equal(expected, route.Routes().Where(one => one.PrefixLength == 0).OrderBy(one => one.Metric));

        Route Default(int number, int link) => new(IPAddress.Parse(any), 0, IPAddress.Parse(string.Format(null, gateway, number)), link);
    }

    [Fact]
    public void PreferDefaultRoutesOf_WhatElseARouteHas_StaysAsItIs()
    {
        using var route = Route("one");
        var (one, two) = (Add(route, 1), Add(route, 2));
        route.AddRouteBeside(new(IPAddress.Any, 0, IPAddress.Parse("10.0.1.1"), one));
        var later = new Route(IPAddress.Any, 0, IPAddress.Parse("10.0.2.1"), two)
        {
            Source = IPAddress.Parse("10.0.2.9"),
            Mtu = 1400, AdvMss = 1300
        };
        route.AddRouteBeside(later);
        var elsewhere = later with { Table = 9 };
        route.AddRouteBeside(elsewhere);
        var ownMetric = later with { Metric = 7 };
        route.AddRouteBeside(ownMetric);

        route.PreferDefaultRoutesOf(new HashSet<int> { one });

        Assert.Equal([later with { Metric = 1 }, ownMetric],
            route.Routes().Where(found => found.PrefixLength == 0 && found.LinkIndex == two));
        Assert.Equal([elsewhere], route.Routes(9));
    }

    [Fact]
    public void PreferDefaultRoutesOf_ANewInterfaceWithSeveralGateways_KeepsThemTogether()
    {
        using var route = Route("one");
        var (one, two) = (Add(route, 1), Add(route, 2));
        foreach (var (gateway, link) in new[] { ("fd00:1::1", one), ("fd00:2::1", two), ("fd00:2::2", two) })
            route.AddRouteBeside(new(IPAddress.IPv6Any, 0, IPAddress.Parse(gateway), link));

        route.PreferDefaultRoutesOf(new HashSet<int> { one });

        var defaults = route.Routes().Where(found => found.PrefixLength == 0).ToList();
        Assert.Equal(["fd00:1::1"], defaults.Where(found => found.Metric == 1024).Select(found => found.Gateway!.ToString()));
        Assert.Equal(["fd00:2::1", "fd00:2::2"],
            defaults.Where(found => found.Metric == 1025).Select(found => found.Gateway!.ToString()).Order(StringComparer.Ordinal));
    }

    // 10.0.N.9 and fd00:N::9.
    private static int Add(RouteSocket route, int number)
    {
        route.CreateVeth($"eth{number}", $"peer{number}");
        var link = route.FindLink($"eth{number}")!.Index;
        route.AddAddress(link, IPAddress.Parse($"10.0.{number}.9"), 24);
        route.AddAddress(link, IPAddress.Parse($"fd00:{number}::9"), 64);
        route.SetUp(link);
        route.SetUp(route.FindLink($"peer{number}")!.Index);
        return link;
    }
}

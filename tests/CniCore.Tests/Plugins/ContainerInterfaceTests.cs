using System.Net;
using System.Text.Json.Nodes;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>What a result says of routes since 1.1.0, which the reference of 1.1.1 does not know yet.</summary>
public sealed class ContainerInterfaceTests : SideBySideTest
{
    private const string Addresses =
        """ "type":"static","addresses":[{"address":"10.9.0.5/24","gateway":"10.9.0.1"},{"address":"fd09::5/64","gateway":"fd09::1"}] """;

    [Theory]
    [InlineData("""{"dst":"10.7.0.0/16","mtu":1300,"advmss":1200,"priority":77,"table":300,"scope":0}""", "10.7.0.0", 16, "10.9.0.1",
        77, 300, 0, 1300, 1200)]
    [InlineData("""{"dst":"fd07::/48","mtu":1300,"advmss":1200,"priority":77,"table":300}""", "fd07::", 48, "fd09::1",
        77, 300, 0, 1300, 1200)]
    [InlineData("""{"dst":"10.7.0.0/16","gw":"10.9.0.9","mtu":1280}""", "10.7.0.0", 16, "10.9.0.9", 0, 254, 0, 1280, 0)]
    [InlineData("""{"dst":"0.0.0.0/0","priority":5,"advmss":536}""", "0.0.0.0", 0, "10.9.0.1", 5, 254, 0, 0, 536)]
    public void Add_RouteWithAllKeys_HasThem(
        string route, string destination, int length, string gateway, int metric, int table, int scope, int mtu, int advmss)
    {
        var world = World("ours");
        var what = Case(route);
        var result = world.Run(CniCommand.Add, what, builtin: true);
        using var inside = world.Inside();
        var expected = new Route(IPAddress.Parse(destination), length, IPAddress.Parse(gateway), inside.FindLink("eth0")!.Index, metric,
            table, scope)
        { Mtu = mtu, AdvMss = advmss };
        Assert.Contains(expected, inside.Routes(table));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(route), JsonNode.Parse(result)!["routes"]![0]), result);

        world.Run(CniCommand.Check, what, builtin: true, result);
        inside.DeleteRoute(expected);
        Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Check, what, builtin: true, result));
    }

    [Theory]
    [InlineData("""{"dst":"10.7.0.0/16"},{"dst":"10.7.0.0/16"}""", 1)]
    [InlineData("""{"dst":"10.7.0.0/16"},{"dst":"10.7.0.0/16","gw":"10.9.0.2"},{"dst":"10.7.0.0/16","priority":9}""", 3)]
    [InlineData("""{"dst":"fd07::/48"},{"dst":"fd07::/48","gw":"fd09::2"},{"dst":"fd07::/48","priority":9}""", 3)]
    public void Add_RoutesToOneDestination_AreAllSet(string routes, int count)
    {
        var world = World("ours");
        var what = Case(routes);
        var result = world.Run(CniCommand.Add, what, builtin: true);
        using var inside = world.Inside();
        Assert.Equal(count, inside.Routes().Count(route => route.Destination.ToString() is "10.7.0.0" or "fd07::"));
        world.Run(CniCommand.Check, what, builtin: true, result);
    }

    [Fact]
    public void Add_GatewayBehindARouteOnTheLink_IsReached()
    {
        var world = World("ours");
        var what = new PluginCase("bridge",
            """{"ipam":{"type":"static","addresses":[{"address":"10.9.0.5/32"}],"routes":[{"dst":"169.254.1.1/32"},"""
                + """{"dst":"0.0.0.0/0","gw":"169.254.1.1"}]}}""");
        var result = world.Run(CniCommand.Add, what, builtin: true);
        world.Run(CniCommand.Check, what, builtin: true, result);
    }

    private static PluginCase Case(string routes) =>
        new("bridge", $$"""{"cniVersion":"1.1.0","isGateway":true,"ipam":{{{Addresses}},"routes":[{{routes}}] } }""")
        {
            Ipams = ["static"]
        };
}

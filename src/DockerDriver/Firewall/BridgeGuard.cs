using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using DockerDriver.State;
using static CniCore.Linux.Nftables.Nft;

namespace DockerDriver.Firewall;

/// <summary>The table <c>inet cnid</c>, in nft's words. Sets, so a packet costs the same with one network and with a hundred.</summary>
internal static class BridgeGuard
{
    public const string Table = "cnid";

    /// <summary>The table for these bridges, as data.</summary>
    /// <param name="bridges">At least one.</param>
    /// <param name="uplinks">Bridges that are no network of containers.</param>
    /// <param name="ports">What is reached by the containers' own addresses on routed networks, and from trusted interfaces.</param>
    public static TableDefinition Definition(
        IReadOnlyList<GeneratedBridge> bridges, IReadOnlyList<string> uplinks, IReadOnlyList<OpenPort> ports)
    {
        var apart = bridges.Where(bridge => !bridge.Icc).ToList();
        var translated = bridges.SelectMany(bridge =>
            bridge.Translated.Select(subnet => (Subnet: subnet, Source: bridge.SourceOf(subnet.BaseAddress.AddressFamily)))).ToList();
        var masqueraded = translated.Where(one => one.Source is null).Select(one => one.Subnet)
            .ToLookup(subnet => subnet.BaseAddress.AddressFamily, subnet => $"{subnet}");
        var (subnets4, subnets6) = (masqueraded[AddressFamily.InterNetwork], masqueraded[AddressFamily.InterNetworkV6]);
        var inside = translated.ToLookup(one => one.Subnet.BaseAddress.AddressFamily, one => $"{one.Subnet} . {one.Subnet}");
        var open = ports.ToLookup(port => port.Address.Contains(':', StringComparison.Ordinal), port =>
            $"{port.Address} . {port.Protocol} . {port.Port}");
        return new(NftTable.Parse($"inet {Table}"))
        {
            Sets =
            [
                new NftSet("bridges", "ifname").With(bridges.Select(bridge => Quoted(bridge.Name))),
                new NftSet("internal", "ifname").With(bridges.Where(bridge => bridge.Internal).Select(bridge => Quoted(bridge.Name))),
                new NftSet("uplinks", "ifname").With(uplinks.Select(Quoted)),
                new NftSet("within", "ifname . ifname").With(bridges.Except(apart).Select(Pair)),
                new NftSet("apart", "ifname . ifname").With(apart.Select(Pair)),
                new NftSet("subnets4", "ipv4_addr") { IsInterval = true }.With(subnets4),
                new NftSet("subnets6", "ipv6_addr") { IsInterval = true }.With(subnets6),
                new NftSet("inside4", "ipv4_addr . ipv4_addr") { IsInterval = true }.With(inside[AddressFamily.InterNetwork]),
                new NftSet("inside6", "ipv6_addr . ipv6_addr") { IsInterval = true }.With(inside[AddressFamily.InterNetworkV6]),
                new NftSet("routed4", "ifname").With(InMode(bridges, AddressFamily.InterNetwork, GatewayMode.Routed)),
                new NftSet("routed6", "ifname").With(InMode(bridges, AddressFamily.InterNetworkV6, GatewayMode.Routed)),
                new NftSet("unprotected4", "ifname").With(InMode(bridges, AddressFamily.InterNetwork, GatewayMode.NatUnprotected)),
                new NftSet("unprotected6", "ifname").With(InMode(bridges, AddressFamily.InterNetworkV6, GatewayMode.NatUnprotected)),
                new NftSet("trusted", "ifname . ifname")
                    .With(bridges.SelectMany(bridge =>
                    bridge.Trusted.Distinct().Select(name => $"{Quoted(name)} . {Quoted(bridge.Name)}"))),
                new NftSet("ports4", "ipv4_addr . inet_proto . inet_service").With(open[false]),
                new NftSet("ports6", "ipv6_addr . inet_proto . inet_service").With(open[true]),
            ],
            Chains =
            [
                new("forward", new("filter", "forward", NftHook.FilterPriority - 5))
                {
                    { IifName.Dot(OifName).In("within"), Accept },
                    { IifName.Dot(OifName).In("apart"), Drop },
                    { IifName.In("internal"), Drop },
                    { OifName.In("internal"), Drop },
                    { CtState("established", "related"), Accept },
                    { "published ports", CtStatus("dnat"), Accept },
                    { "open ports of routed networks", OifName.In("routed4"), IpDaddr.Dot(L4Proto).Dot(ThDport).In("ports4"), Accept },
                    { OifName.In("routed6"), Ip6Daddr.Dot(L4Proto).Dot(ThDport).In("ports6"), Accept },
                    { OifName.In("routed4"), L4Proto.Is("icmp"), Accept },
                    { OifName.In("routed6"), L4Proto.Is("ipv6-icmp"), Accept },
                    { "and from trusted interfaces", IifName.Dot(OifName).In("trusted"),
                        IpDaddr.Dot(L4Proto).Dot(ThDport).In("ports4"), Accept },
                    { IifName.Dot(OifName).In("trusted"), Ip6Daddr.Dot(L4Proto).Dot(ThDport).In("ports6"), Accept },
                    { "unprotected networks", NfProto.Is("ipv4"), OifName.In("unprotected4"), IifKind.IsNot("bridge"), Accept },
                    { NfProto.Is("ipv6"), OifName.In("unprotected6"), IifKind.IsNot("bridge"), Accept },
                    { NfProto.Is("ipv4"), OifName.In("unprotected4"), IifName.In("uplinks"), Accept },
                    { NfProto.Is("ipv6"), OifName.In("unprotected6"), IifName.In("uplinks"), Accept },
                    { "from elsewhere only what is published", OifName.In("bridges"), Drop },
                    { "not into other networks of this host", IifName.In("bridges"), OifKind.Is("bridge"), OifName.NotIn("uplinks"), Drop },
                },
                Postrouting(bridges, translated),
            ],
        };
    }

    private static NftChain Postrouting(IEnumerable<GeneratedBridge> bridges, IEnumerable<(IPNetwork Subnet, string? Source)> translated)
    {
        var chain = new NftChain("postrouting", new("nat", "postrouting", NftHook.SourceNat))
        {
            { IpSaddr.Dot(IpDaddr).In("inside4"), Return },
            { Ip6Saddr.Dot(Ip6Daddr).In("inside6"), Return },
        };
        foreach (var bridge in bridges.Where(bridge => bridge.InhibitsIPv4))
        {
            foreach (var subnet in bridge.Translated.Where(subnet => subnet.BaseAddress.AddressFamily == AddressFamily.InterNetwork))
                chain.Add("to a gateway that is not this host", OifName.Is(bridge.Name), IpSaddr.Is($"{subnet}"), Return);
        }
        foreach (var (subnet, source) in translated.Where(one => one.Source is not null))
        {
            var isV6 = subnet.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;
            chain.Add(
                (isV6 ? Ip6Saddr : IpSaddr).Is($"{subnet}"),
                isV6 ? Ip6Daddr.IsNot("ff00::/8") : IpDaddr.IsNot("224.0.0.0/4"),
                SnatTo(AddressText.Parse(source!)));
        }
        chain.Add(IpSaddr.In("subnets4"), IpDaddr.IsNot("224.0.0.0/4"), Masquerade);
        chain.Add(Ip6Saddr.In("subnets6"), Ip6Daddr.IsNot("ff00::/8"), Masquerade);
        return chain;
    }

    private static IEnumerable<string> InMode(IEnumerable<GeneratedBridge> bridges, AddressFamily family, GatewayMode mode) =>
        bridges.Where(bridge => !bridge.Internal && bridge.ModeOf(family) == mode).Select(bridge => Quoted(bridge.Name));

    private static string Quoted(string name) => $"\"{name}\"";

    private static string Pair(GeneratedBridge bridge) => $"{Quoted(bridge.Name)} . {Quoted(bridge.Name)}";
}

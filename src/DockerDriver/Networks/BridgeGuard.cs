using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Nftables;
using DockerDriver.State;
using static CniCore.Linux.Nftables.Nft;

namespace DockerDriver.Networks;

/// <summary>The table <c>inet cnid</c>, in nft's words. Sets, so a packet costs the same with one network and with a hundred.</summary>
internal static class BridgeGuard
{
    public const string Table = "cnid";

    /// <summary>The table for these bridges, as data.</summary>
    /// <param name="bridges">At least one.</param>
    /// <param name="uplinks">Bridges that are no network of containers.</param>
    public static TableDefinition Definition(IReadOnlyList<GeneratedBridge> bridges, IReadOnlyList<string> uplinks)
    {
        var apart = bridges.Where(bridge => !bridge.Icc).ToList();
        var masqueraded = bridges.Where(bridge => bridge.Masquerades).SelectMany(bridge => bridge.Subnets).ToLookup(subnet => subnet.BaseAddress.AddressFamily, subnet => $"{subnet}");
        var (subnets4, subnets6) = (masqueraded[AddressFamily.InterNetwork], masqueraded[AddressFamily.InterNetworkV6]);
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
                new NftSet("inside4", "ipv4_addr . ipv4_addr") { IsInterval = true }.With(subnets4.Select(subnet => $"{subnet} . {subnet}")),
                new NftSet("inside6", "ipv6_addr . ipv6_addr") { IsInterval = true }.With(subnets6.Select(subnet => $"{subnet} . {subnet}")),
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
                    { "from elsewhere only what is published", OifName.In("bridges"), Drop },
                    { "not into other networks of this host", IifName.In("bridges"), OifKind.Is("bridge"), OifName.NotIn("uplinks"), Drop },
                },
                new("postrouting", new("nat", "postrouting", NftHook.SourceNat))
                {
                    { IpSaddr.Dot(IpDaddr).In("inside4"), Return },
                    { Ip6Saddr.Dot(Ip6Daddr).In("inside6"), Return },
                    { IpSaddr.In("subnets4"), IpDaddr.IsNot("224.0.0.0/4"), Masquerade },
                    { Ip6Saddr.In("subnets6"), Ip6Daddr.IsNot("ff00::/8"), Masquerade },
                },
            ],
        };
    }

    private static string Quoted(string name) => $"\"{name}\"";

    private static string Pair(GeneratedBridge bridge) => $"{Quoted(bridge.Name)} . {Quoted(bridge.Name)}";
}

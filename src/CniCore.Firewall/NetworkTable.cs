using System.Net.Sockets;
using CniCore.Linux.Nftables;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>
/// The table <c>inet cnid</c> of the generated networks: which packets may cross their bridges, and with which source address. It only
/// drops and translates; a drop is final whatever another table accepts, so it works with either back end of Docker and after any rewrite.
/// It uses sets, so the cost of a packet does not depend on the number of networks.
/// </summary>
internal static class NetworkTable
{
    public static readonly NftTable Name = NftTable.Parse("inet cnid");

    /// <summary>The table for these networks, as data.</summary>
    /// <param name="networks">At least one.</param>
    /// <param name="uplinks">Bridges that are uplinks of the host.</param>
    public static TableDefinition Definition(IReadOnlyList<FirewallPolicy> networks, IReadOnlyList<string> uplinks)
    {
        var apart = networks.Where(network => network.Ingress == Ingress.None).ToList();
        var translated = networks.SelectMany(network => network.Translations).ToList();
        var masqueraded = translated.Where(translation => translation.To is null)
            .ToLookup(translation => translation.From.BaseAddress.AddressFamily, translation => $"{translation.From}");
        var (subnets4, subnets6) = (masqueraded[AddressFamily.InterNetwork], masqueraded[AddressFamily.InterNetworkV6]);
        var inside = translated.ToLookup(translation => translation.From.BaseAddress.AddressFamily,
            translation => $"{translation.From} . {translation.Subnet}");
        var open = networks.SelectMany(network => network.OpenPorts)
            .ToLookup(port => port.Address.AddressFamily, port => $"{port.Address} . {port.Protocol} . {port.Port}");
        return new(Name)
        {
            Sets =
            [
                new NftSet("bridges", "ifname").With(networks.Select(network => Quoted(network.Interface))),
                new NftSet("internal", "ifname")
                    .With(networks.Where(network => network.IsInternal).Select(network => Quoted(network.Interface))),
                new NftSet("uplinks", "ifname").With(uplinks.Select(Quoted)),
                new NftSet("within", "ifname . ifname").With(networks.Except(apart).Select(Pair)),
                new NftSet("apart", "ifname . ifname").With(apart.Select(Pair)),
                new NftSet("subnets4", "ipv4_addr") { IsInterval = true }.With(subnets4),
                new NftSet("subnets6", "ipv6_addr") { IsInterval = true }.With(subnets6),
                new NftSet("inside4", "ipv4_addr . ipv4_addr") { IsInterval = true }.With(inside[AddressFamily.InterNetwork]),
                new NftSet("inside6", "ipv6_addr . ipv6_addr") { IsInterval = true }.With(inside[AddressFamily.InterNetworkV6]),
                new NftSet("routed4", "ifname").With(Reached(networks, AddressFamily.InterNetwork, Reach.OpenPorts)),
                new NftSet("routed6", "ifname").With(Reached(networks, AddressFamily.InterNetworkV6, Reach.OpenPorts)),
                new NftSet("unprotected4", "ifname").With(Reached(networks, AddressFamily.InterNetwork, Reach.Everything)),
                new NftSet("unprotected6", "ifname").With(Reached(networks, AddressFamily.InterNetworkV6, Reach.Everything)),
                new NftSet("trusted", "ifname . ifname").With(networks.SelectMany(network =>
                    network.Trusted.Distinct().Select(name => $"{Quoted(name)} . {Quoted(network.Interface)}"))),
                new NftSet("ports4", "ipv4_addr . inet_proto . inet_service").With(open[AddressFamily.InterNetwork]),
                new NftSet("ports6", "ipv6_addr . inet_proto . inet_service").With(open[AddressFamily.InterNetworkV6]),
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
                Postrouting(translated),
            ],
        };
    }

    private static NftChain Postrouting(IReadOnlyList<SourceTranslation> translated)
    {
        var chain = new NftChain("postrouting", new("nat", "postrouting", NftHook.SourceNat))
        {
            { IpSaddr.Dot(IpDaddr).In("inside4"), Return },
            { Ip6Saddr.Dot(Ip6Daddr).In("inside6"), Return },
        };
        foreach (var translation in translated.Where(translation => translation.NotOver is not null))
        {
            chain.Add("to a gateway that is not this host",
                OifName.Is(translation.NotOver!), Source(translation).Is($"{translation.From}"), Return);
        }
        foreach (var translation in translated.Where(translation => translation.To is not null))
        {
            var notMulticast = IsV6(translation) ? Ip6Daddr.IsNot("ff00::/8") : IpDaddr.IsNot("224.0.0.0/4");
            chain.Add(Source(translation).Is($"{translation.From}"), notMulticast, SnatTo(translation.To!));
        }
        chain.Add(IpSaddr.In("subnets4"), IpDaddr.IsNot("224.0.0.0/4"), Masquerade);
        chain.Add(Ip6Saddr.In("subnets6"), Ip6Daddr.IsNot("ff00::/8"), Masquerade);
        return chain;
    }

    private static NftSelector Source(SourceTranslation translation) => IsV6(translation) ? Ip6Saddr : IpSaddr;

    private static bool IsV6(SourceTranslation translation) => translation.From.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    private static IEnumerable<string> Reached(IEnumerable<FirewallPolicy> networks, AddressFamily family, Reach reach) =>
        networks.Where(network => !network.IsInternal && network.ReachOf(family) == reach).Select(network => Quoted(network.Interface));

    private static string Quoted(string name) => $"\"{name}\"";

    private static string Pair(FirewallPolicy network) => $"{Quoted(network.Interface)} . {Quoted(network.Interface)}";
}

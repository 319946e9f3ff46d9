using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;
using Route = CniCore.Linux.Netlink.Route;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>The state of a netns at one moment, as far as plugins can change it.</summary>
internal sealed record NetnsSnapshot(
    IReadOnlyList<Link> Links, IReadOnlyList<KernelObject> Objects, IReadOnlyDictionary<string, string> Sysctls)
{
    /// <summary>The identity of each interface, by its index.</summary>
    public required IReadOnlyDictionary<int, LinkIdentity> Identities { get; init; }

    // In an order in which they can be created: a rule may precede the routes of its table, a class not its qdisc.
    private static readonly KernelObjectKind[] Kinds =
    [
        KernelObjectKind.Address, KernelObjectKind.Neighbour, KernelObjectKind.Route, KernelObjectKind.Rule,
        // not filters: u32 refuses flags that it lists itself, and others contain interface indexes
        KernelObjectKind.Qdisc, KernelObjectKind.TrafficClass,
    ];

    public static NetnsSnapshot Of(NetworkNamespace netns)
    {
        using var route = RouteSocket.OpenIn(netns);
        var links = route.Links();
        return new(links, [.. Kinds.SelectMany(route.Objects)], NetworkSysctls.Read(netns))
        {
            // the index differs in another namespace
            Identities = links.Where(link => link.Name != "lo")
                .ToDictionary(link => link.Index, link => LinkFinder.IdentityIn(link, route) with { Index = 0 }),
        };
    }

    /// <summary>What exists now and did not exist before, without what the kernel creates for each interface that is set up.</summary>
    public NetnsDelta DeltaSince(NetnsSnapshot before)
    {
        var old = before.Links.Where(link => link.Name != "lo").Select(link => link.Index).ToHashSet();
        var links = Links.Where(link => !old.Contains(link.Index)).ToDictionary(link => link.Index);
        var known = before.Objects.Select(item => item.Key).ToHashSet(StringComparer.Ordinal);
        return new(
            [.. links.Values.Select(link =>
                new DeltaLink(link.Index, link.Name, link.Mac, link.IsUp) { Identity = Identities.GetValueOrDefault(link.Index) })],
            [.. Objects.Where(item =>
                !known.Contains(item.Key) && (item.LinkIndex == 0 || links.ContainsKey(item.LinkIndex)) && !IsMadeByKernel(item))],
            NetworkSysctls.Changed(before.Sysctls, Sysctls));
    }

    /// <summary>The delta of an interface that ADD created in the host's namespace, which had no holding namespace to compare.</summary>
    /// <returns>Null where libnetwork sets all of it.</returns>
    public static NetnsDelta? DeltaOf(CniResult result)
    {
        const int index = 2;
        var routes = result.Routes.Where(route => !IsSetByLibnetwork(route)).ToList();
        var secondaryAddresses = result.Ips.GroupBy(ip => ip.Address.Address.AddressFamily).Any(family => family.Count() > 1);
        if (routes.Count == 0 && !secondaryAddresses)
            return null;
        return new(
            [new(1, "lo", "", IsUp: true), new(index, HoldingNamespaces.IfName.ToString(), "", IsUp: true)],
            [
                .. result.Ips.Select(ip => KernelObject.Of(index, ip.Address.Address, ip.Address.PrefixLength)),
                .. result.Ips.Select(ip => KernelObject.Connected(index, ip.Address.Network)),
                .. routes.Select(route => KernelObject.Of(RouteOf(route, result, index))),
            ],
            new Dictionary<string, string>());
    }

    private static bool IsSetByLibnetwork(CniRoute route) =>
        route is { Priority: null or 0, Table: null or 254, Scope: null or 0, Mtu: null or 0, AdvMss: null or 0 };

    private static Route RouteOf(CniRoute route, CniResult result, int index)
    {
        var family = route.Destination.Address.AddressFamily;
        var gateway = route.Gateway
            ?? (route.Scope == 253 ? null : result.Ips.Select(ip => ip.Gateway).FirstOrDefault(item => item?.AddressFamily == family));
        return new(route.Destination.Network.BaseAddress, route.Destination.PrefixLength, gateway, index, route.Priority
            ?? 0, route.Table ?? 254, route.Scope ?? 0)
        {
            Mtu = route.Mtu ?? 0,
            AdvMss = route.AdvMss ?? 0,
        };
    }

    // The kernel adds a link-local address with each interface, and 127.0.0.1 and ::1 with lo.
    private static bool IsMadeByKernel(KernelObject item) => item.Kind switch
    {
        KernelObjectKind.Address => item.Destination.IsIPv6LinkLocal || IPAddress.IsLoopback(item.Destination),
        KernelObjectKind.Route => item.Destination.IsIPv6LinkLocal || item.Destination.IsIPv6Multicast,
        _ => false,
    };
}

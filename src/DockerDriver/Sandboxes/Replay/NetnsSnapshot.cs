using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;
using Route = CniCore.Linux.Netlink.Route;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>All that plugins can change in a namespace, as it is at one moment.</summary>
internal sealed record NetnsSnapshot(
    IReadOnlyList<Link> Links, IReadOnlyList<KernelObject> Objects, IReadOnlyDictionary<string, string> Sysctls)
{
    /// <summary>What identifies each of the interfaces, by its number.</summary>
    public required IReadOnlyDictionary<int, LinkIdentity> Identities { get; init; }

    // In an order in which they can be made: a rule may come before its table's routes, a class not before its queue.
    private static readonly KernelObjectKind[] Kinds =
    [
        KernelObjectKind.Address, KernelObjectKind.Neighbour, KernelObjectKind.Route, KernelObjectKind.Rule,
        // not filters: u32 does not take what it lists (its flags), and others point to interfaces by number
        KernelObjectKind.Qdisc, KernelObjectKind.TrafficClass,
    ];

    public static NetnsSnapshot Of(NetworkNamespace space)
    {
        using var route = RouteSocket.OpenIn(space);
        var links = route.Links();
        return new(links, [.. Kinds.SelectMany(route.Objects)], NetworkSysctls.Read(space))
        {
            // it has another number elsewhere
            Identities = links.Where(link => link.Name != "lo")
                .ToDictionary(link => link.Index, link => LinkFinder.IdentityIn(link, route) with { Index = 0 }),
        };
    }

    /// <summary>
    /// What is here now and was not before. What the kernel makes by itself, for each interface that comes up, is nobody's.
    /// </summary>
    public NetnsDelta Since(NetnsSnapshot before)
    {
        var old = before.Links.Where(link => link.Name != "lo").Select(link => link.Index).ToHashSet();
        var links = Links.Where(link => !old.Contains(link.Index)).ToDictionary(link => link.Index);
        var known = before.Objects.Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
        return new(
            [.. links.Values.Select(link =>
                new DeltaLink(link.Index, link.Name, link.Mac, link.IsUp) { Identity = Identities.GetValueOrDefault(link.Index) })],
            [.. Objects.Where(one =>
                !known.Contains(one.Key) && (one.LinkIndex == 0 || links.ContainsKey(one.LinkIndex)) && !ComesByItself(one))],
            NetworkSysctls.Changed(before.Sysctls, Sysctls));
    }

    /// <summary>
    /// The same for an interface that was made in the host's namespace, and had no namespace of its own to be configured in.
    /// </summary>
    /// <returns>Null where libnetwork sets all of it.</returns>
    public static NetnsDelta? Of(CniResult result)
    {
        const int index = 2;
        var routes = result.Routes.Where(route => !IsSetByLibnetwork(route)).ToList();
        var furtherAddresses = result.Ips.GroupBy(ip => ip.Address.Address.AddressFamily).Any(family => family.Count() > 1);
        if (routes.Count == 0 && !furtherAddresses)
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
            ?? (route.Scope == 253 ? null : result.Ips.Select(ip => ip.Gateway).FirstOrDefault(one => one?.AddressFamily == family));
        return new(route.Destination.Network.BaseAddress, route.Destination.PrefixLength, gateway, index, route.Priority
            ?? 0, route.Table ?? 254, route.Scope ?? 0)
        {
            Mtu = route.Mtu ?? 0,
            AdvMss = route.AdvMss ?? 0,
        };
    }

    // A link-local address comes with its interface, 127.0.0.1 and ::1 with lo.
    private static bool ComesByItself(KernelObject one) => one.Kind switch
    {
        KernelObjectKind.Address => one.Destination.IsIPv6LinkLocal || IPAddress.IsLoopback(one.Destination),
        KernelObjectKind.Route => one.Destination.IsIPv6LinkLocal || one.Destination.IsIPv6Multicast,
        _ => false,
    };
}

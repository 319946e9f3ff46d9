using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// Where an attachment's packets pass the host: a bridge or a host-side interface, which attachments may share; or, where the plugins
/// before tell of none, one of its addresses.
/// </summary>
/// <param name="Interface">The interface; null for an address.</param>
/// <param name="Address">The address; null for an interface.</param>
internal readonly record struct Passage(string? Interface, IPAddress? Address)
{
    private const string Bridge = "bridge";

    // What leads into a container or a machine. Over anything else others are reached too, and what comes from there is not the
    // attachment's.
    private static readonly string[] Inward = [Bridge, "veth", "tun"];

    /// <summary>The families it can be met in.</summary>
    public bool IsOf(AddressFamily family) => Address is null || Address.AddressFamily == family;

    /// <summary>What comes from there.</summary>
    public FilterMatch From => new(true, Interface, Address);

    /// <summary>What goes there.</summary>
    public FilterMatch To => new(false, Interface, Address);

    /// <summary>As a key of an nftables set.</summary>
    public string Key => Interface is not null ? $"\"{Interface}\"" : $"{Address}";

    /// <summary>
    /// The passages of a result: its interfaces on the host that are no bridge's port, and not the container's end on its way in; else the
    /// container's addresses. Beside a bridge over which the host itself reaches the world, the addresses too: of such a bridge, only what
    /// crosses it is admitted. In the namespace of the calling thread.
    /// </summary>
    /// <param name="result">ADD's.</param>
    /// <param name="onlyIfCrossed">Addresses do not count: where the result has no such interface, it is the one on which the host has
    /// them as neighbours, if that leads to a container.</param>
    public static IReadOnlyList<Passage> Of(CniResult result, bool onlyIfCrossed = false)
    {
        using var route = RouteSocket.Open();
        List<string> told = [.. result.Interfaces.Where((one, index) =>
            string.IsNullOrEmpty(one.Sandbox) && result.Ips.All(ip => ip.Interface != index)).Select(one => one.Name)];
        List<Link> there = [.. told.Select(route.FindLink).OfType<Link>()];
        if (told.Count > 0 && there.Count == 0)
            return []; // gone, and nothing passes
        List<Link> links = [.. there.Where(link => link.MasterIndex == 0 && (!onlyIfCrossed || Inward.Contains(link.Kind)))];
        if (told.Count == 0 && onlyIfCrossed)
            links = [.. result.Ips.Select(ip => route.FindLinkOf(ip.Address.Address)).OfType<Link>()
                .Where(link => Inward.Contains(link.Kind) && !IsUplink(route, link)).DistinctBy(link => link.Index)];
        List<Passage> passages = [.. links.Select(link => new Passage(link.Name, null))];
        if ((links.Count == 0 && !onlyIfCrossed) || links.Any(link => IsUplink(route, link)))
            passages.AddRange(result.Ips.Select(ip => new Passage(null, ip.Address.Address)).Distinct());
        return passages;
    }

    /// <summary>Whether the host itself reaches the world over it: what comes from there is not the containers' alone.</summary>
    public bool IsUplink()
    {
        if (Interface is not { } name || FirewallTable.IsInward(name))
            return false;
        using var route = RouteSocket.Open();
        return route.FindLink(name) is { } link && IsUplink(route, link);
    }

    // Asked of a bridge that no attachment has passed yet: the host's links and routes are read for it.
    private static bool IsUplink(RouteSocket route, Link link) =>
        link.Kind == Bridge && !FirewallTable.IsInward(link.Name) && UplinkBridges.Of(route).Contains(link.Name);
}

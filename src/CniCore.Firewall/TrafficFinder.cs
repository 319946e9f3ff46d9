using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>Finds where the packets of an attachment cross the host, by the result of its ADD.</summary>
internal sealed class TrafficFinder(HostNetwork host, MemberTable members)
{
    private const string Bridge = "bridge";

    // What leads into a container or a machine. Over anything else others are reached too, and what comes from there is not the
    // attachment's.
    private static readonly string[] Inward = [Bridge, "veth", "tun"];

    /// <summary>
    /// The result's interfaces on the host that are no bridge's port, and not the container's end on its way in; else the container's
    /// addresses. Beside a bridge over which the host itself reaches the world, the addresses too: of such a bridge, only what crosses it
    /// is admitted.
    /// </summary>
    /// <param name="result">ADD's.</param>
    /// <param name="onlyIfCrossed">Addresses do not count: where the result has no such interface, it is the one on which the host has
    /// them as neighbours, if that leads to a container.</param>
    /// <returns>A policy that says no more than this.</returns>
    public FirewallPolicy Find(CniResult result, bool onlyIfCrossed = false)
    {
        using var routes = host.OpenRoutes();
        List<Link> links = LinksOf(result, onlyIfCrossed, routes, out var isGone);
        List<TrafficSelector> uplinks =
            [.. links.Where(link => IsUplink(routes, link)).Select(link => TrafficSelector.Of(link.Name))];
        List<TrafficSelector> traffic = [.. links.Select(link => TrafficSelector.Of(link.Name))];
        if (!isGone && ((links.Count == 0 && !onlyIfCrossed) || uplinks.Count > 0))
            traffic.AddRange(result.Ips.Select(ip => TrafficSelector.Of(ip.Address.Address)).Distinct());
        return new()
        {
            Traffic = traffic,
            Uplinks = uplinks,
            Families = result.Ips.Select(ip => ip.Address.Address.AddressFamily).ToHashSet(),
        };
    }

    private List<Link> LinksOf(CniResult result, bool onlyIfCrossed, RouteSocket routes, out bool isGone)
    {
        List<string> reported = [.. result.Interfaces.Where((reported, index) =>
            string.IsNullOrEmpty(reported.Sandbox) && result.Ips.All(ip => ip.Interface != index)).Select(reported => reported.Name)];
        List<Link> there = [.. reported.Select(routes.FindLink).OfType<Link>()];
        isGone = reported.Count > 0 && there.Count == 0; // and nothing passes
        if (reported.Count == 0 && onlyIfCrossed)
            return [.. result.Ips.Select(ip => routes.FindLinkOf(ip.Address.Address)).OfType<Link>()
                .Where(link => Inward.Contains(link.Kind) && !IsUplink(routes, link)).DistinctBy(link => link.Index)];
        return [.. there.Where(link => link.MasterIndex == 0 && (!onlyIfCrossed || Inward.Contains(link.Kind)))];
    }

    // Asked of a bridge that no attachment has passed yet: the host's links and routes are read for it.
    private bool IsUplink(RouteSocket routes, Link link) =>
        link.Kind == Bridge && !members.IsInward(link.Name) && UplinkBridges.Of(routes).Contains(link.Name);
}

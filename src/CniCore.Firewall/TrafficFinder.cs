using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>Finds the traffic selectors of an attachment, from the result of its ADD.</summary>
internal sealed class TrafficFinder(HostNetwork host, MemberTable members)
{
    private const string Bridge = "bridge";

    // Kinds of interfaces that lead into a container or virtual machine. Other interfaces also carry packets of others.
    private static readonly string[] Inward = [Bridge, "veth", "tun"];

    /// <summary>
    /// The host interfaces of the result that are not ports of a bridge, and not the container's end before it is moved; without any, the
    /// container's addresses. If the host itself uses such a bridge as its uplink, the addresses too: then only packets that stay within
    /// the bridge are accepted.
    /// </summary>
    /// <param name="result">The result of ADD.</param>
    /// <param name="onlyIfCrossed">Do not use addresses. Without such an interface, use the one on which the addresses are neighbours of
    /// the host, if it leads to a container.</param>
    /// <returns>A policy with traffic, families and uplinks only.</returns>
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
        isGone = reported.Count > 0 && there.Count == 0; // then no packets pass
        if (reported.Count == 0 && onlyIfCrossed)
            return [.. result.Ips.Select(ip => routes.FindLinkOf(ip.Address.Address)).OfType<Link>()
                .Where(link => Inward.Contains(link.Kind) && !IsUplink(routes, link)).DistinctBy(link => link.Index)];
        return [.. there.Where(link => link.MasterIndex == 0 && (!onlyIfCrossed || Inward.Contains(link.Kind)))];
    }

    // A bridge without attachments so far: this reads the host's links and routes.
    private bool IsUplink(RouteSocket routes, Link link) =>
        link.Kind == Bridge && !members.IsInward(link.Name) && UplinkBridges.Of(routes).Contains(link.Name);
}

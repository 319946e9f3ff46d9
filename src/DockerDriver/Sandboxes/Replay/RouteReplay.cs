using CniCore.Linux.Netlink;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>
/// Makes the routes over an endpoint's interfaces what the plugins made them. Docker sets some of them first, without metric, source or
/// MTU, and the kernel one with each address that the plugins may have taken away; these give way.
/// </summary>
internal sealed class RouteReplay(RouteSocket inside, ReportedRoutes told, IReadOnlyCollection<int> links)
{
    private const int EEXIST = 17;
    private const byte IPv4 = 2;
    private const byte IPv6 = 10;

    /// <summary>Whether Docker has been told of a gateway and has set none here: it is another endpoint's, or comes yet.</summary>
    public bool AwaitsGateway { get; private set; }

    /// <param name="wanted">The plugins' routes, in this namespace's numbers.</param>
    /// <param name="defaultsOnly">All else has been done once, and is the container's own by now.</param>
    /// <param name="isLast">Docker has done all it will.</param>
    /// <returns>What could not be done, and why.</returns>
    public List<string> Carry(IReadOnlyList<KernelObject> wanted, bool defaultsOnly, bool isLast)
    {
        var present = inside.Objects(KernelObjectKind.Route);
        var mine = present.Where(route => links.Contains(route.LinkIndex)).ToList();
        var isGateway = new[] { IPv4, IPv6 }.ToDictionary(family => family, family =>
            mine.Any(route => route.Family == family && ReportedRoutes.IsDefault(route)));
        AwaitsGateway = isGateway.Any(one => told.HasGateway(one.Key) && !one.Value);

        var open = wanted.Where(route => !route.IsKernelsRoute && IsForHere(route))
            .ExceptBy(present.Select(route => route.Key), route => route.Key).ToList();
        Add(open); // first what nothing stands in the way of: by it a gateway may be reached
        foreach (var superfluous in mine.Where(route => IsSuperfluous(route)).ToList())
            Remove(superfluous);
        return Add(open);

        bool IsForHere(KernelObject route) => ReportedRoutes.IsDefault(route)
            ? isGateway[route.Family] || (!told.HasGateway(route.Family)
                && !present.Any(other => other.Family == route.Family && ReportedRoutes.IsDefault(other)))
            : !defaultsOnly;

        bool IsSuperfluous(KernelObject route)
        {
            if (!route.IsOrdinaryRoute || route.Destination.IsIPv6LinkLocal || wanted.Any(one => one.Key == route.Key))
                return false;
            if (ReportedRoutes.IsDefault(route))
                return told.Includes(route);
            if (defaultsOnly || told.IsForGateway(route))
                return false;
            if (!route.IsKernelsRoute)
                return told.Includes(route);
            // A connected route may be what Docker's gateway will be reached by.
            var mayGo = isLast || isGateway[route.Family] || !told.HasGateway(route.Family)
                || wanted.Any(one => one.Family == route.Family && ReportedRoutes.IsDefault(one));
            return mayGo && !wanted.Any(one => one.IsKernelsRoute && one.IsOrdinaryRoute && one.PrefixLength == route.PrefixLength
                && one.Destination.Equals(route.Destination));
        }
    }

    // Those without a gateway first: the others may need them. Goes on while something succeeds; takes what it has done off the list.
    private List<string> Add(List<KernelObject> open)
    {
        List<string> faults;
        int before;
        do
        {
            (before, faults) = (open.Count, []);
            foreach (var route in open.OrderByDescending(route => route.PrefixLength).ToList())
            {
                try
                {
                    inside.Add(route);
                    open.Remove(route);
                }
                catch (NetlinkException fault) when (fault.Errno == EEXIST)
                {
                    // the same way by another's making, or it gives way yet
                }
                catch (NetlinkException fault)
                {
                    faults.Add(fault.Message);
                }
            }
        }
        while (open.Count < before && open.Count > 0);
        return faults;
    }

    private void Remove(KernelObject route)
    {
        try
        {
            inside.Remove(route);
        }
        catch (NetlinkException)
        {
            // gone meanwhile
        }
    }
}

using CniCore.Linux.Netlink;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>
/// Makes the routes over an endpoint's interfaces equal to those that the plugins made. Docker sets some of them first, without metric,
/// source or MTU, and the kernel adds one with each address that the plugins may have removed; these are replaced.
/// </summary>
internal sealed class RouteReplay(RouteSocket inside, ReportedRoutes reported, IReadOnlyCollection<int> links)
{
    private const int EEXIST = 17;
    private const byte IPv4 = 2;
    private const byte IPv6 = 10;

    /// <summary>
    /// Whether Join reported a gateway that Docker has not set in this sandbox: another endpoint is the gateway, or Docker sets it later.
    /// </summary>
    public bool AwaitsGateway { get; private set; }

    /// <param name="wanted">The plugins' routes, with this namespace's interface indexes.</param>
    /// <param name="defaultsOnly">The others have been applied before and belong to the container now.</param>
    /// <param name="isLast">Docker will change nothing more.</param>
    /// <returns>The errors.</returns>
    public List<string> Run(IReadOnlyList<KernelObject> wanted, bool defaultsOnly, bool isLast)
    {
        var present = inside.Objects(KernelObjectKind.Route);
        var mine = present.Where(route => links.Contains(route.LinkIndex)).ToList();
        var isGateway = new[] { IPv4, IPv6 }.ToDictionary(family => family, family =>
            mine.Any(route => route.Family == family && ReportedRoutes.IsDefault(route)));
        AwaitsGateway = isGateway.Any(family => reported.HasGateway(family.Key) && !family.Value);

        var open = wanted.Where(route => !route.IsKernelsRoute && IsForHere(route))
            .ExceptBy(present.Select(route => route.Key), route => route.Key).ToList();
        Add(open); // first the routes that nothing conflicts with: a gateway may be reached over them
        foreach (var superfluous in mine.Where(route => IsSuperfluous(route)).ToList())
            Remove(superfluous);
        return Add(open);

        bool IsForHere(KernelObject route) => ReportedRoutes.IsDefault(route)
            ? isGateway[route.Family] || (!reported.HasGateway(route.Family)
                && !present.Any(other => other.Family == route.Family && ReportedRoutes.IsDefault(other)))
            : !defaultsOnly;

        bool IsSuperfluous(KernelObject route)
        {
            if (!route.IsOrdinaryRoute || route.Destination.IsIPv6LinkLocal || wanted.Any(candidate => candidate.Key == route.Key))
                return false;
            if (ReportedRoutes.IsDefault(route))
                return reported.Includes(route);
            if (defaultsOnly || reported.IsForGateway(route))
                return false;
            if (!route.IsKernelsRoute)
                return reported.Includes(route);
            // Docker's gateway may be reached over a connected route.
            var mayGo = isLast || isGateway[route.Family] || !reported.HasGateway(route.Family)
                || wanted.Any(candidate => candidate.Family == route.Family && ReportedRoutes.IsDefault(candidate));
            return mayGo && !wanted.Any(candidate => candidate.IsKernelsRoute && candidate.IsOrdinaryRoute
                && candidate.PrefixLength == route.PrefixLength
                && candidate.Destination.Equals(route.Destination));
        }
    }

    // Routes without a gateway first, since the others may need them. Repeats while it makes progress; removes the added routes from the
    // list.
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
                    // an equal route exists, or one that is removed later
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
            // already removed
        }
    }
}

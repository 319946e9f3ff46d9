using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>
    /// Makes the default routes of these interfaces win: a route of another interface with the same metric gets the next free metric, and
    /// serves as a fallback. With equal metrics, IPv4 would use the route that was added last, and IPv6 both, by flow.
    /// </summary>
    public void PreferDefaultRoutesOf(IReadOnlySet<int> links)
    {
        var defaults = Objects(KernelObjectKind.Route).Where(route => route.IsOrdinaryRoute && route.PrefixLength == 0)
            .SelectMany(route => route.Family == AF_INET6 ? KernelObjectForm.Paths(route) : [route]);
        foreach (var family in defaults.GroupBy(route => route.Family))
        {
            var metrics = family.Select(route => route.Metric).ToHashSet();
            var preferred = family.Where(route => links.Contains(route.LinkIndex)).Select(route => route.Metric).ToHashSet();
            foreach (var tied in family.Where(route => !links.Contains(route.LinkIndex) && preferred.Contains(route.Metric))
                .GroupBy(route => route.Metric))
            {
                var free = Enumerable.Range(tied.Key, metrics.Count + 1).First(metric => !metrics.Contains(metric));
                metrics.Add(free);
                foreach (var route in tied)
                {
                    AddBeside(KernelObjectForm.WithMetric(route, free)); // added first, so that there is always one
                    Remove(route);
                }
            }
        }
    }

    private void AddBeside(KernelObject route) =>
        socket.Change(new RequestWriter(rtnl.RTM_NEWROUTE, rtnl.NLM_F_ACK | rtnl.NLM_F_CREATE).Raw(route.Body), $"adding the {route}");
}

using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>
    /// Lets the default routes of these interfaces win: one of another interface that has the metric of one of theirs gets the next that is
    /// free, and is used when theirs are gone. Of two with one metric the kernel uses the last that was added in IPv4, and in IPv6 both,
    /// flow by flow.
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
                    AddBeside(KernelObjectForm.WithMetric(route, free)); // first: there is never less than one
                    Remove(route);
                }
            }
        }
    }

    private void AddBeside(KernelObject route) =>
        socket.Change(new RequestWriter(rtnl.RTM_NEWROUTE, rtnl.NLM_F_ACK | rtnl.NLM_F_CREATE).Raw(route.Body), $"adding the {route}");
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.PortMap;

/// <summary>
/// The kernel sends a flow where its first packet went, whatever the rules say by now. A TCP client ends such a flow itself; one of UDP,
/// or of SCTP from a fixed port, keeps it alive with every packet that goes astray. So flows to a port that is mapped elsewhere, or no
/// more, are forgotten, and the next packet meets the rules.
/// </summary>
internal sealed class StaleFlows(HostNetwork host)
{
    /// <summary>After a change of <see cref="PortTable"/>. Costs nothing where it was about TCP alone.</summary>
    /// <param name="made">Elements that are there now.</param>
    /// <param name="gone">Elements that are not there any more.</param>
    public void Forget(IEnumerable<RuleElement> made, IEnumerable<RuleElement> gone)
    {
        var now = made.ToList();
        var same = now.Select(element => (element.Set, element.Key, element.Value)).ToHashSet();
        var changes = now.Select(element => Change.Of(element, isGone: false))
            .Concat(gone.Where(old => !same.Contains((old.Set, old.Key, old.Value))).Select(old => Change.Of(old, isGone: true)))
            .OfType<Change>()
            .ToList();
        if (changes.Count == 0)
            return;
        try
        {
            using var conntrack = host.OpenConntrack();
            foreach (var alike in changes.GroupBy(change => (change.Family, change.Protocol)))
                Forget(conntrack, alike.Key.Family, alike.Key.Protocol, [.. alike]);
        }
        catch (NetlinkException)
        {
            // A kernel that cannot list its flows still maps ports; they end by themselves, 30 s after their last packet.
        }
    }

    private void Forget(ConntrackSocket conntrack, AddressFamily family, byte protocol, List<Change> changes)
    {
        var byPort = changes.ToLookup(change => change.Key.Port);
        var flows = conntrack.Flows(family, protocol, byPort.Count == 1 ? changes[0].Key.Port : null)
            .Where(flow => byPort[flow.Original.Destination.Port].Any(change => change.MakesStale(flow)))
            .ToList();
        if (flows.Count == 0)
            return;
        // A port of another host's, to which this one only forwards, is none of the mapping's business.
        using var route = host.OpenRoutes();
        var own = route.Addresses().Select(address => address.Address).ToHashSet();
        foreach (var flow in flows.Where(flow =>
            IPAddress.IsLoopback(flow.Original.Destination.Address) || own.Contains(flow.Original.Destination.Address)))
            conntrack.Delete(flow);
    }

    // What one element says about flows.
    private sealed record Change(bool IsGone, AddressFamily Family, byte Protocol, PortKey Key, IPEndPoint? Container)
    {
        // Null: not about flows that can go stale.
        public static Change? Of(RuleElement element, bool isGone)
        {
            if (element.Set[..^1] is not ("any" or "at" or "only"))
                return null;
            var key = PortKey.Parse(element.Key);
            byte protocol = key.Protocol switch { "udp" => 17, "sctp" => 132, _ => 0 };
            if (protocol == 0)
                return null;
            var family = element.Set.EndsWith('4') ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
            // With conditions the container is in a chain, not in the element.
            var container = element.OwnChain is null && element.Value.Split(" . ") is [var address, var port]
                ? new IPEndPoint(AddressText.Parse(address), int.Parse(port, CultureInfo.InvariantCulture))
                : null;
            return new(isGone, family, protocol, key, container);
        }

        // Made: what does not go to the container. Gone: what still does.
        public bool MakesStale(Flow flow)
        {
            if (Key.Host is { } host && !host.Equals(flow.Original.Destination.Address))
                return false;
            return IsGone
                ? !flow.Reply.Source.Equals(flow.Original.Destination) && (Container is null || Container.Equals(flow.Reply.Source))
                : Container is null || !Container.Equals(flow.Reply.Source);
        }
    }
}

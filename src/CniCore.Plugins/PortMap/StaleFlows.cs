using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.PortMap;

/// <summary>
/// Deletes conntrack flows that contradict the mappings. The kernel sends a flow where its first packet went, whatever the rules say now.
/// TCP clients end such flows; one of UDP, or of SCTP from a fixed port, is kept alive by every packet. Once deleted, the next packet meets
/// the rules.
/// </summary>
internal sealed class StaleFlows(HostNetwork host)
{
    /// <summary>Call this after a change of <see cref="PortTable"/>. Does nothing for TCP.</summary>
    /// <param name="made">The added elements.</param>
    /// <param name="gone">The removed elements.</param>
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
            // Without conntrack netlink, ports are mapped all the same; such flows end 30 s after their last packet.
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
        // A flow to a port of another host, which this one only forwards, does not concern the mappings.
        using var route = host.OpenRoutes();
        var own = route.Addresses().Select(address => address.Address).ToHashSet();
        foreach (var flow in flows.Where(flow =>
            IPAddress.IsLoopback(flow.Original.Destination.Address) || own.Contains(flow.Original.Destination.Address)))
            conntrack.Delete(flow);
    }

    // What one element says about flows.
    private sealed record Change(bool IsGone, AddressFamily Family, byte Protocol, PortKey Key, IPEndPoint? Container)
    {
        // Null: for TCP.
        public static Change? Of(RuleElement element, bool isGone)
        {
            if (element.Set[..^1] is not ("any" or "at" or "only"))
                return null;
            var key = PortKey.Parse(element.Key);
            byte protocol = key.Protocol switch { "udp" => 17, "sctp" => 132, _ => 0 };
            if (protocol == 0)
                return null;
            var family = element.Set.EndsWith('4') ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
            // With conditions, the container is in a chain, not in the element.
            var container = element.OwnChain is null && element.Value.Split(" . ") is [var address, var port]
                ? new IPEndPoint(AddressText.Parse(address), int.Parse(port, CultureInfo.InvariantCulture))
                : null;
            return new(isGone, family, protocol, key, container);
        }

        // Added: flows to anywhere but the container. Removed: flows to the container.
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

using System.Net;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    private const int HopLength = 8;
    private const int ENETUNREACH = 101;
    private const int EHOSTUNREACH = 113;

    /// <summary>
    /// The unicast routes of a table, by default the main table, of both families. A multipath route is returned as one route for each
    /// gateway.
    /// </summary>
    public IReadOnlyList<Route> Routes(int table = rtnl.RT_TABLE_MAIN) =>
        [.. socket.Dump(() => RequestWriter.For(rtnl.RTM_GETROUTE, rtnl.NLM_F_DUMP, new rtmsg()), ReadRoutes, "listing routes")
            .SelectMany(routes => routes).Where(route => route.Table == table)];

    /// <summary>The interface over which packets to the address leave; null if it is unreachable.</summary>
    public Link? FindWayTo(IPAddress address) => FindWay(address) is { } way ? FindLink(way.LinkIndex) : null;

    /// <summary>The interface on which the address is a neighbour; null if it is behind a gateway or unreachable.</summary>
    public Link? FindLinkOf(IPAddress address) => FindWay(address) is { Gateway: null } way ? FindLink(way.LinkIndex) : null;

    private Route? FindWay(IPAddress address)
    {
        var request = RequestWriter.For(rtnl.RTM_GETROUTE, rtnl.NLM_F_ACK,
            new rtmsg { rtm_family = Family(address), rtm_dst_len = (byte)(address.GetAddressBytes().Length * 8) })
            .Address(rtnl.RTA_DST, address);
        try
        {
            return socket.Find(request, ReadRoutes, $"looking for the way to {address}") is [var way, ..] ? way : null;
        }
        catch (NetlinkException fault) when (fault.Errno is ENETUNREACH or EHOSTUNREACH)
        {
            return null;
        }
    }

    /// <summary>Adds a route. An error if there is one with the same destination and metric.</summary>
    public void AddRoute(Route route) =>
        socket.Change(Write(rtnl.RTM_NEWROUTE, Create, route), $"adding the route to {route.Destination}/{route.PrefixLength}");

    /// <summary>Adds a route, even if there is one with the same destination and metric. An error if it is identical.</summary>
    public void AddRouteBeside(Route route) =>
        socket.Change(Write(rtnl.RTM_NEWROUTE, rtnl.NLM_F_ACK | rtnl.NLM_F_CREATE, route),
            $"adding the route to {route.Destination}/{route.PrefixLength}");

    /// <summary>Removes a route.</summary>
    public void DeleteRoute(Route route) =>
        socket.Change(Write(rtnl.RTM_DELROUTE, rtnl.NLM_F_ACK, route), $"removing the route to {route.Destination}/{route.PrefixLength}");

    private static RequestWriter Write(ushort type, ushort flags, Route route)
    {
        var request = RequestWriter.For(type, flags, new rtmsg
        {
            rtm_family = Family(route.Destination),
            rtm_dst_len = (byte)route.PrefixLength,
            rtm_table = (byte)Math.Min(route.Table, 255),
            rtm_protocol = rtnl.RTPROT_BOOT,
            rtm_scope = (byte)(route.Gateway is null && route.Scope == 0 ? rtnl.RT_SCOPE_LINK : route.Scope),
            rtm_type = rtnl.RTN_UNICAST,
        });
        if (route.PrefixLength > 0)
            request.Address(rtnl.RTA_DST, route.Destination);
        if (route.Gateway is { } gateway)
            request.Address(rtnl.RTA_GATEWAY, gateway);
        if (route.Source is { } source)
            request.Address(rtnl.RTA_PREFSRC, source);
        request.Int32(rtnl.RTA_OIF, route.LinkIndex).Int32(rtnl.RTA_TABLE, route.Table);
        if (route.Metric > 0)
            request.Int32(rtnl.RTA_PRIORITY, route.Metric);
        if (route.Mtu > 0 || route.AdvMss > 0)
        {
            using (request.Nest(rtnl.RTA_METRICS))
            {
                if (route.Mtu > 0)
                    request.Int32(rtnl.RTAX_MTU, route.Mtu);
                if (route.AdvMss > 0)
                    request.Int32(rtnl.RTAX_ADVMSS, route.AdvMss);
            }
        }
        return request;
    }

    private static List<Route>? ReadRoutes(ReadOnlySpan<byte> body)
    {
        var message = MemoryMarshal.Read<rtmsg>(body);
        if (message.rtm_type != rtnl.RTN_UNICAST)
            return null;
        var any = message.rtm_family == 2 ? IPAddress.Any : IPAddress.IPv6Any;
        var route = new Route(any, message.rtm_dst_len, null, 0, Table: message.rtm_table, Scope: message.rtm_scope);
        List<(IPAddress? Gateway, int Link)>? hops = null;
        var attributes = new AttributeReader(body[Marshal.SizeOf<rtmsg>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case rtnl.RTA_DST: route = route with { Destination = attributes.Address }; break;
                case rtnl.RTA_GATEWAY: route = route with { Gateway = attributes.Address }; break;
                case rtnl.RTA_PREFSRC: route = route with { Source = attributes.Address }; break;
                case rtnl.RTA_OIF: route = route with { LinkIndex = attributes.Int32 }; break;
                case rtnl.RTA_PRIORITY: route = route with { Metric = attributes.Int32 }; break;
                case rtnl.RTA_TABLE: route = route with { Table = attributes.Int32 }; break;
                case rtnl.RTA_METRICS: route = WithMetrics(route, attributes.Value); break;
                case rtnl.RTA_MULTIPATH: hops = ReadHops(attributes.Value); break;
            }
        }
        return hops is null ? [route] : [.. hops.Select(hop => route with { Gateway = hop.Gateway, LinkIndex = hop.Link })];
    }

    private static Route WithMetrics(Route route, ReadOnlySpan<byte> nested)
    {
        var attributes = new AttributeReader(nested);
        while (attributes.Next())
        {
            if (attributes.Type == rtnl.RTAX_MTU)
                route = route with { Mtu = attributes.Int32 };
            else if (attributes.Type == rtnl.RTAX_ADVMSS)
                route = route with { AdvMss = attributes.Int32 };
        }
        return route;
    }

    // Each begins with struct rtnexthop: length, flags, weight, interface.
    private static List<(IPAddress? Gateway, int Link)> ReadHops(ReadOnlySpan<byte> rest)
    {
        var hops = new List<(IPAddress?, int)>();
        while (rest.Length >= HopLength && MemoryMarshal.Read<ushort>(rest) is var length && length >= HopLength && length <= rest.Length)
        {
            IPAddress? gateway = null;
            var attributes = new AttributeReader(rest[HopLength..length]);
            while (attributes.Next())
            {
                if (attributes.Type == rtnl.RTA_GATEWAY)
                    gateway = attributes.Address;
            }
            hops.Add((gateway, MemoryMarshal.Read<int>(rest[4..])));
            rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
        }
        return hops;
    }
}

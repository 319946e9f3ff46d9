using System.Net;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>The unicast routes of a table, the main one unless told otherwise, of both families.</summary>
    public IReadOnlyList<Route> Routes(int table = rtnl.RT_TABLE_MAIN) =>
        [.. socket.Dump(() => RequestWriter.For(rtnl.RTM_GETROUTE, rtnl.NLM_F_DUMP, new rtmsg()), ReadRoute, "listing routes").Where(route => route.Table == table)];

    /// <summary>Adds a route; one to the same place with the same metric is an error.</summary>
    public void AddRoute(Route route) => socket.Change(Write(rtnl.RTM_NEWROUTE, Create, route), $"adding the route to {route.Destination}/{route.PrefixLength}");

    /// <summary>Takes a route away.</summary>
    public void DeleteRoute(Route route) => socket.Change(Write(rtnl.RTM_DELROUTE, rtnl.NLM_F_ACK, route), $"removing the route to {route.Destination}/{route.PrefixLength}");

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
        return route.Metric > 0 ? request.Int32(rtnl.RTA_PRIORITY, route.Metric) : request;
    }

    private static Route? ReadRoute(ReadOnlySpan<byte> body)
    {
        var message = MemoryMarshal.Read<rtmsg>(body);
        if (message.rtm_type != rtnl.RTN_UNICAST)
            return null;
        var destination = message.rtm_family == 2 ? IPAddress.Any : IPAddress.IPv6Any;
        var (gateway, source, link, metric, table) = ((IPAddress?)null, (IPAddress?)null, 0, 0, (int)message.rtm_table);
        var attributes = new AttributeReader(body[Marshal.SizeOf<rtmsg>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case rtnl.RTA_DST: destination = attributes.Address; break;
                case rtnl.RTA_GATEWAY: gateway = attributes.Address; break;
                case rtnl.RTA_PREFSRC: source = attributes.Address; break;
                case rtnl.RTA_OIF: link = attributes.Int32; break;
                case rtnl.RTA_PRIORITY: metric = attributes.Int32; break;
                case rtnl.RTA_TABLE: table = attributes.Int32; break;
            }
        }
        return new(destination, message.rtm_dst_len, gateway, link, metric, table, message.rtm_scope) { Source = source };
    }
}

using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>Creates a macvlan on a parent, down. <paramref name="mode"/>: 1 private, 2 vepa, 4 bridge, 8 passthru.</summary>
    public void CreateMacvlan(string name, int parentIndex, int mode) => CreateMacvlan(new MacvlanLink(name, parentIndex, mode));

    /// <summary>Creates a macvlan as described, down. The parent is in this namespace.</summary>
    public void CreateMacvlan(MacvlanLink link)
    {
        var request = RequestWriter.For(rtnl.RTM_NEWLINK, Create, new ifinfomsg()).Text(rtnl.IFLA_IFNAME, link.Name)
            .Int32(rtnl.IFLA_LINK, link.ParentIndex);
        Optional(request, link.Mac, link.Mtu);
        if (link.Netns is { } netns)
            request.Int32(rtnl.IFLA_NET_NS_FD, (int)netns.Handle.DangerousGetHandle());
        using (request.Nest(rtnl.IFLA_LINKINFO))
        {
            request.Text(rtnl.IFLA_INFO_KIND, "macvlan");
            using (request.Nest(rtnl.IFLA_INFO_DATA))
            {
                request.Int32(rtnl.IFLA_MACVLAN_MODE, link.Mode);
                if (link.BroadcastQueueLength is { } length)
                    request.Int32(rtnl.IFLA_MACVLAN_BC_QUEUE_LEN, (int)length);
            }
        }
        socket.Change(request, $"making the macvlan {link.Name}");
    }

    private static int? ReadMacvlanMode(ReadOnlySpan<byte> linkInfo)
    {
        var (kind, mode) = ("", (int?)null);
        var attributes = new AttributeReader(linkInfo);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case rtnl.IFLA_INFO_KIND: kind = attributes.Text; break;
                case rtnl.IFLA_INFO_DATA when kind == "macvlan": mode = ReadMode(attributes.Value); break;
            }
        }
        return mode;
    }

    private static int? ReadMode(ReadOnlySpan<byte> macvlan)
    {
        var attributes = new AttributeReader(macvlan);
        while (attributes.Next())
        {
            if (attributes.Type == rtnl.IFLA_MACVLAN_MODE)
                return attributes.Int32;
        }
        return null;
    }
}

using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    private const int EOPNOTSUPP = 95;
    private const string Trial = "cnid-trial";

    /// <summary>
    /// Whether the kernel supports links of that kind, modules included: creates one on a parent, and removes it. Use it in a temporary
    /// namespace. If the kernel supports the kind but needs more attributes, the errno is another.
    /// </summary>
    public bool HasKind(string kind, int parentIndex)
    {
        var request = RequestWriter.For(rtnl.RTM_NEWLINK, Create, new ifinfomsg()).Text(rtnl.IFLA_IFNAME, Trial)
            .Int32(rtnl.IFLA_LINK, parentIndex);
        using (request.Nest(rtnl.IFLA_LINKINFO))
            request.Text(rtnl.IFLA_INFO_KIND, kind);
        try
        {
            socket.Change(request, $"trying a link of the kind {kind}");
        }
        catch (NetlinkException fault)
        {
            return fault.Errno != EOPNOTSUPP;
        }
        if (FindLink(Trial) is { } made)
            DeleteLink(made.Index);
        return true;
    }
}

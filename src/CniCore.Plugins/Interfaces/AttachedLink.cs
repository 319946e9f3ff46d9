using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.Interfaces;

/// <summary>The container's end of an attachment, once it is made.</summary>
internal static class AttachedLink
{
    private const int ENODEV = 19;

    /// <summary>CHECK: the interface that the previous result names, of that kind and with the MAC it had.</summary>
    /// <exception cref="CniPluginException">There is no previous result, or something is otherwise.</exception>
    public static Link Find(BuiltinCall call, RouteSocket inside, string kind)
    {
        var result = call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "Required prevResult missing");
        var expected = result.Interfaces.LastOrDefault(link => link.Name == call.IfName && link.Sandbox == call.NetNs)
            ?? throw new CniPluginException(CniErrorCode.Internal,
                $"Sandbox in prevResult doesn't match configured netns: {call.NetNs} has no {call.IfName}");
        var link = inside.FindLink(call.IfName)
            ?? throw new CniPluginException(CniErrorCode.Internal, $"Container interface {call.IfName} not found");
        if (link.Kind != kind)
            throw new CniPluginException(CniErrorCode.Internal, $"Container interface {call.IfName} not of type {kind}");
        if (!string.IsNullOrEmpty(expected.Mac) && !expected.Mac.Equals(link.Mac, StringComparison.OrdinalIgnoreCase))
            throw new CniPluginException(CniErrorCode.Internal,
                $"Interface {call.IfName} Mac {expected.Mac} doesn't match container Mac: {link.Mac}");
        return link;
    }

    /// <summary>
    /// ADD: makes way for a pair. A host end that an ADD cut short has left is deleted, but not one whose other end is in place: it may be
    /// in use.
    /// </summary>
    /// <exception cref="CniPluginException">The container has an interface of that name.</exception>
    public static void MakeWay(RouteSocket host, string hostName, RouteSocket? inside, string ifName)
    {
        if (inside?.FindLink(ifName) is not null)
            throw new CniPluginException(CniErrorCode.Internal, $"container veth name provided ({ifName}) already exists");
        Delete(host, hostName);
    }

    /// <summary>DEL: deletes it. One that is gone, or goes meanwhile, is deleted already.</summary>
    public static void Delete(RouteSocket inside, string ifName)
    {
        if (inside.FindLink(ifName) is not { } link)
            return;
        try
        {
            inside.DeleteLink(link.Index);
        }
        catch (NetlinkException fault) when (fault.Errno == ENODEV)
        {
            // Its other end was deleted, or its parent, and took it along.
        }
    }
}

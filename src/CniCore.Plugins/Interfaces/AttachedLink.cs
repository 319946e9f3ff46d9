using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.Interfaces;

/// <summary>The container's interface of an attachment.</summary>
internal static class AttachedLink
{
    private const int ENODEV = 19;

    /// <summary>For CHECK: the interface of the previous result, with the expected kind and MAC.</summary>
    /// <exception cref="CniPluginException">There is no previous result, or the interface differs.</exception>
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

    /// <summary>For ADD: removes the host end that an interrupted ADD left. Not if its other end is in place: it may be in use.</summary>
    /// <exception cref="CniPluginException">The container has an interface with that name.</exception>
    public static void MakeWay(RouteSocket host, string hostName, RouteSocket? inside, string ifName)
    {
        if (inside?.FindLink(ifName) is not null)
            throw new CniPluginException(CniErrorCode.Internal, $"container veth name provided ({ifName}) already exists");
        Delete(host, hostName);
    }

    /// <summary>For DEL: deletes the interface. Succeeds if it is gone.</summary>
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
            // It was removed with its other end or its parent.
        }
    }
}

using CniCore.Linux.Namespaces;
using CniCore.Spec;

namespace CniCore.Plugins.Interfaces;

/// <summary>The network namespace of a call.</summary>
internal static class ContainerNamespace
{
    /// <summary>Opens it for ADD and CHECK.</summary>
    /// <exception cref="CniPluginException">It does not exist, or it is the host's, so that the container's interface would be created on
    /// the host (plugins #714).</exception>
    public static NetworkNamespace Open(BuiltinCall call)
    {
        NetworkNamespace netns;
        try
        {
            netns = NetworkNamespace.Open(call.NetNs);
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or UnauthorizedAccessException)
        {
            throw new CniPluginException(CniErrorCode.InvalidNetNs, $"failed to open netns \"{call.NetNs}\"", fault.Message, fault);
        }
        if (netns.Identity != call.Host.Identity)
            return netns;
        netns.Dispose();
        throw new CniPluginException(CniErrorCode.InvalidNetNs,
            $"plugin's netns and netns from CNI_NETNS should not be the same: \"{call.NetNs}\" is the host's");
    }

    /// <summary>Opens it for DEL; null if it is gone, is no namespace, or is the host's.</summary>
    public static NetworkNamespace? Find(BuiltinCall call)
    {
        if (call.NetNs.Length == 0)
            return null;
        try
        {
            return Open(call);
        }
        catch (CniPluginException)
        {
            return null;
        }
    }
}

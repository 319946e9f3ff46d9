using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>
/// The plugins that are known to keep state in the kernel and in local files only: after a reboot nothing remains outside this host. Any
/// other plugin may have registered the attachment with a server, and only its DEL removes that.
/// </summary>
internal static class LocalPlugins
{
    // dhcp too: its client's state does not survive a reboot, and the lease expires.
    private static bool IsKnown(PluginType type) => type.IsReferencePlugin || type.ToString() == "cnid-admission";

    /// <summary>Whether all plugins of the list are local, including its IPAM plugins.</summary>
    public static bool AreAllOf(NetworkList list) =>
        list.Plugins.All(plugin => IsKnown(plugin.Type) && (plugin.IpamType is not { } ipam || IsKnown(ipam)));
}

using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>
/// The plugins that are known to keep what they have in the kernel and in local files: after a reboot there is nothing of theirs that
/// another host could miss. Any other may have told a server of the attachment, and only its DEL takes that back.
/// </summary>
internal static class LocalPlugins
{
    // dhcp too: its client's memory is gone with the boot, and the lease ends by its own time.
    private static bool IsKnown(PluginType type) => type.IsReferencePlugin || type.ToString() == "cnid-admission";

    /// <summary>Whether all plugins of the list are, its IPAM plugins among them.</summary>
    public static bool AreAllOf(NetworkList list) =>
        list.Plugins.All(plugin => IsKnown(plugin.Type) && (plugin.IpamType is not { } ipam || IsKnown(ipam)));
}

using CniCore.Spec;

namespace DockerDriver.Ipam;

/// <summary>
/// A list with an IPAM plugin only. The plugin gets what the main plugin of the real list would send: the main plugin's whole configuration
/// (CNI spec, section 4), so that the list's name and other keys stay.
/// </summary>
internal static class IpamList
{
    public static NetworkList Of(NetworkList list, string ipam) =>
        list with { Plugins = [list.Main!.With("type", ipam)], Source = null };
}

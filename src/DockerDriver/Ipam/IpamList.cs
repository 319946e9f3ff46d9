using CniCore.Spec;

namespace DockerDriver.Ipam;

/// <summary>
/// A list of an IPAM plugin alone. It is sent what the main plugin of the real list would send it, which is all of its own
/// configuration (CNI spec, section 4), so the list's name and everything else of it stays.
/// </summary>
internal static class IpamList
{
    public static NetworkList Of(NetworkList list, string ipam) =>
        list with { Plugins = [list.Main!.With("type", ipam)], Source = null };
}

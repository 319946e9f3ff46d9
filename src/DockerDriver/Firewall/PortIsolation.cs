using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Firewall;

/// <summary>
/// Isolates the containers of a network with <c>enable_icc=false</c> in the bridge itself: frames between its ports pass the firewall only
/// with <c>bridge-nf-call-iptables</c>. On an administrator's bridge, only the endpoints' ports are isolated.
/// </summary>
internal static class PortIsolation
{
    /// <summary>Isolates an endpoint's bridge ports, if its network has <c>enable_icc=false</c>. Idempotent.</summary>
    /// <param name="network">The network.</param>
    /// <param name="result">The result of the endpoint's ADD; null where there is none.</param>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public static void Apply(StoredNetwork network, CniResult? result)
    {
        if (network.Bridge is not { Icc: false } bridge || result is null)
            return;
        using var route = RouteSocket.Open();
        if (route.FindLink(bridge.Name) is not { } master)
            return;
        foreach (var link in result.Interfaces.Where(link => string.IsNullOrEmpty(link.Sandbox)))
        {
            if (route.FindLink(link.Name) is { } port && port.MasterIndex == master.Index)
                route.IsolateBridgePort(port.Index);
        }
    }
}

using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Firewall;

/// <summary>
/// Keeps the containers of a network with <c>enable_icc=false</c> apart in the bridge itself: frames between its ports meet the rules of
/// a firewall only where <c>bridge-nf-call-iptables</c> is on. Of an administrator's bridge only the endpoints' ports are isolated.
/// </summary>
internal static class PortIsolation
{
    /// <summary>Isolates an endpoint's ports, where its network keeps containers apart. Right to repeat.</summary>
    /// <param name="network">The network.</param>
    /// <param name="result">What ADD has answered for the endpoint; null where it has not.</param>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public static void Apply(StoredNetwork network, CniResult? result)
    {
        if (network.Bridge is not { Icc: false } bridge || result is null)
            return;
        using var route = RouteSocket.Open();
        if (route.FindLink(bridge.Name) is not { } master)
            return;
        foreach (var one in result.Interfaces.Where(one => string.IsNullOrEmpty(one.Sandbox)))
        {
            if (route.FindLink(one.Name) is { } port && port.MasterIndex == master.Index)
                route.IsolateBridgePort(port.Index);
        }
    }
}

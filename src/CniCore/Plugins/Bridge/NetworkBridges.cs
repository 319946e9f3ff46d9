using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>What the built-in bridge plugin leaves when a network's last attachment goes: the next one needs it again. It goes with the network.</summary>
public static class UnusedBridges
{
    private const string Type = "bridge";

    /// <summary>
    /// Removes the bridges of the list that the built-in plugin made and that have no port. Not GC: that would also give back what
    /// another runtime has reserved under the same list.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public static void Remove(NetworkList list)
    {
        using var host = RouteSocket.Open();
        foreach (var plugin in list.Plugins.Where(plugin => plugin.Type.ToString() == Type))
        {
            var name = plugin.Json.TryGetProperty("bridge", out var bridge) ? bridge.GetString() : null;
            HostBridge.RemoveUnused(host, string.IsNullOrEmpty(name) ? BridgeSettings.DefaultName : name);
        }
    }
}

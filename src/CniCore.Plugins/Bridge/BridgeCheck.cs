using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>CHECK: compares bridge, veth pair, addresses, routes and rules with what ADD made.</summary>
internal static class BridgeCheck
{
    /// <exception cref="CniPluginException">Something differs. The message names the first difference.</exception>
    public static void Run(BuiltinCall call, BridgeConfig config, CniResult result, RouteSocket host, NetworkNamespace netns)
    {
        var bridge = host.FindLink(config.Name);
        if (bridge?.Kind != "bridge")
            throw Fault($"the bridge {config.Name} is not there");
        if (Of(result, bridge.Name, null) is { } asAdded && asAdded.Mac != bridge.Mac)
            throw Fault($"the bridge {bridge.Name} has the MAC {bridge.Mac}, ADD left it with {asAdded.Mac}");

        using var inside = RouteSocket.OpenIn(netns);
        var link = inside.FindLink(call.IfName) ?? throw Fault($"the interface {call.IfName} is not in {call.NetNs}");
        var container = Of(result, call.IfName, call.NetNs) ?? throw Fault($"prevResult has no interface {call.IfName} in {call.NetNs}");
        if (link.Kind != "veth")
            throw Fault($"{call.IfName} is not a veth");
        if (container.Mac != link.Mac)
            throw Fault($"{call.IfName} has the MAC {link.Mac}, ADD left it with {container.Mac}");
        var port = host.FindLink(link.PeerIndex) ?? throw Fault($"the host end of {call.IfName} is not there");
        if (Of(result, port.Name, null) is null)
            throw Fault($"the host end of {call.IfName} is {port.Name}, which prevResult does not know");
        if (port.MasterIndex != bridge.Index)
            throw Fault($"{port.Name} is not a port of {bridge.Name}");

        ContainerInterface.Check(inside, link, result);
    }

    private static CniInterface? Of(CniResult result, string name, string? sandbox) =>
        result.Interfaces.FirstOrDefault(link => link.Name == name && (link.Sandbox ?? "") == (sandbox ?? ""));

    private static CniPluginException Fault(string reason) => new(CniErrorCode.Internal, reason);
}

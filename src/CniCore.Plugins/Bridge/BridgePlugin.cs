using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>
/// The bridge plugin: a veth pair between the container and a bridge of the host (containernetworking/plugins, main/bridge).
/// </summary>
internal sealed class BridgePlugin : BuiltinPlugin
{
    public override async Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = BridgeConfig.Of(call);
        using var routes = call.Host.OpenRoutes();
        var bridges = new HostBridges(call.Host, routes);
        using var netns = config.HandOver is null ? ContainerNamespace.Open(call) : null;
        using var inside = netns is null ? null : RouteSocket.OpenIn(netns);
        return await IpamSequence.AddAsync(
            call,
            make: () =>
            {
                var bridge = bridges.Ensure(config);
                var port = BridgePort.Make(routes, bridge, call, config, netns, inside);
                return (Bridge: routes.FindLink(bridge.Index) ?? bridge, Port: port); // another bridge may have taken that port's MAC
            },
            configure: (made, addresses) =>
                Configure(call, config, bridges, netns, inside, BridgeResult.Of(config, made.Bridge, made.Port, addresses),
                    made.Bridge, made.Port),
            tearDown: () => TearDown(call, routes),
            cancel);
    }

    public override async Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var routes = call.Host.OpenRoutes();
        using var netns = ContainerNamespace.Find(call);
        await IpamSequence.DeleteAsync(
            call,
            () =>
            {
                TearDown(call, routes);
                // Made by another bridge plugin: the name of its host end is unknown.
                if (netns is not null)
                    RemoveInside(netns, call.IfName);
            },
            cancel);
    }

    public override async Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = BridgeConfig.Of(call);
        var result = call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "Required prevResult missing");
        using (var routes = call.Host.OpenRoutes())
        using (var netns = ContainerNamespace.Open(call))
            BridgeCheck.Run(call, config, result, routes, netns);
        if (call.IpamType.Length > 0)
            await Ipam.ForwardAsync(call, cancel);
    }

    public override async Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = BridgeConfig.Of(call);
        var valid = call.ValidIdentities();
        call.Firewall.Masquerade.RemoveAllBut(call.Network, valid);
        call.Firewall.MacSpoof.RemoveAllBut(call.Network, valid);
        call.Firewall.Routers.RemoveAllBut(call.Network, valid);
        using (var routes = call.Host.OpenRoutes())
        {
            if (valid.Count == 0)
            {
                new HostBridges(call.Host, routes).Release(config.Name, call.Network);
                new HostForwarding(call.Host).Restore();
            }
        }
        if (call.IpamType.Length > 0)
            await Ipam.ForwardAsync(call, cancel);
    }

    public override FirewallPolicy? PolicyOf(BuiltinCall call)
    {
        var fields = BridgeConfig.Unchecked(call);
        return new()
        {
            Translations = fields.IpMasq ? call.Translations : [],
            Senders = fields.MacSpoofCheck && MacOf(call) is { } mac ? [(BridgePort.NameOf(call), mac)] : [],
            Nodes = fields.IsOfGeneratedNetwork && call.Firewall.Routers.IsSupported ? [BridgePort.NameOf(call)] : [],
        };
    }

    public override void RestoreRules(BuiltinCall call)
    {
        var policy = PolicyOf(call)!;
        if (policy.Translations.Count > 0)
            call.Firewall.Masquerade.Restore(call.Tag, policy.Translations);
        foreach (var (port, mac) in policy.Senders)
            call.Firewall.MacSpoof.Add(call.Tag, port, mac);
        foreach (var port in policy.Nodes)
            call.Firewall.Routers.Add(call.Tag, port);
    }

    public override async Task StatusAsync(BuiltinCall call, CancellationToken cancel)
    {
        _ = BridgeConfig.Of(call);
        if (call.IpamType.Length > 0)
            await Ipam.ForwardAsync(call, cancel);
    }

    private static CniResult Configure(
        BuiltinCall call, BridgeConfig config, HostBridges bridges, NetworkNamespace? netns, RouteSocket? inside, CniResult result,
            Link bridge, Link port)
    {
        if (netns is null || inside is null)
            result = BridgeResult.With(result, bridges.Routes.FindLink(config.HandOver!)!, sandbox: null);
        else
            result = Inside(call, config, netns, inside, result);

        if (config.IsGateway && result.Ips.Count > 0)
        {
            var gateways = BridgeResult.Gateways(result);
            var carrier = config.Fields.Vlan != 0 ? BridgePort.EnsureVlanGateway(bridges.Routes, bridge, config) : bridge;
            BridgeGateways.Set(bridges, carrier, gateways, call.Network, config.Fields.ForceAddress);
            new HostForwarding(call.Host).Enable(gateways.Select(gateway => gateway.Address.AddressFamily));
            if (carrier != bridge)
                result = BridgeResult.Also(result, carrier);
        }
        if (config.Fields.IpMasq)
            call.Firewall.Masquerade.Add(call.Tag, BuiltinCall.TranslationsOf(result));
        if (config.Fields.MacSpoofCheck)
            call.Firewall.MacSpoof.Add(call.Tag, port.Name, result.Interfaces[BridgeResult.ContainerIndex].Mac!);
        if (config.Fields.IsOfGeneratedNetwork)
            call.Firewall.Routers.Add(call.Tag, port.Name);
        return result;
    }

    private static CniResult Inside(BuiltinCall call, BridgeConfig config, NetworkNamespace netns, RouteSocket inside, CniResult result)
    {
        var link = inside.FindLink(call.IfName)!;
        result = BridgeResult.With(result, link, call.NetNs);
        if (config.Fields.DisableContainerInterface)
            return result;
        netns.Inside(() =>
        {
            Sysctl.WriteIfThere($"net/ipv4/conf/{call.IfName}/arp_notify", "1");
            Sysctl.WriteIfThere($"net/ipv6/conf/{call.IfName}/enhanced_dad", config.Fields.EnableDad ? "1" : "0");
            Sysctl.WriteIfThere($"net/ipv6/conf/{call.IfName}/accept_dad", config.Fields.EnableDad ? "1" : "0");
        });
        ContainerInterface.Configure(netns, inside, link, result, config.Fields.EnableDad);
        return result;
    }

    private static string? MacOf(BuiltinCall call) => call.PrevResult?.Interfaces.ElementAtOrDefault(BridgeResult.ContainerIndex)?.Mac;

    // Each step finds its objects by the attachment's identity. Rules first: the removal of a link waits for the kernel.
    private static void TearDown(BuiltinCall call, RouteSocket routes)
    {
        var fields = BridgeConfig.Unchecked(call);
        if (fields.IpMasq)
            call.Firewall.Masquerade.Remove(call.Tag, call.Translations);
        if (fields.MacSpoofCheck)
            call.Firewall.MacSpoof.Remove(call.Tag);
        if (fields.IsOfGeneratedNetwork)
            call.Firewall.Routers.Remove(call.Tag, BridgePort.NameOf(call));
        BridgePort.Remove(routes, call);
    }

    private static void RemoveInside(NetworkNamespace netns, string ifName)
    {
        using var inside = RouteSocket.OpenIn(netns);
        if (inside.FindLink(ifName) is { Kind: "veth" } link)
            inside.DeleteLink(link.Index);
    }
}

using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.MacVlan;

/// <summary>
/// An interface with its own MAC on a parent of the host (plugins/main/macvlan). It exists before IPAM ADD and until after IPAM DEL, since
/// DHCP uses it.
/// </summary>
internal sealed class MacVlanPlugin : BuiltinPlugin
{
    private const string Kind = "macvlan";

    public override async Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = MacVlanConfig.Of(call);
        using var netns = ContainerNamespace.Open(call);
        using var inside = RouteSocket.OpenIn(netns);
        return await IpamSequence.AddAsync(
            call,
            make: () => Create(call, config, netns, inside),
            configure: (link, addresses) => Configure(call, config, netns, inside, link, addresses),
            tearDown: () => AttachedLink.Delete(inside, call.IfName),
            cancel);
    }

    public override async Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var netns = ContainerNamespace.Find(call);
        using var inside = netns is null ? null : RouteSocket.OpenIn(netns);
        await IpamSequence.DeleteAsync(
            call,
            () =>
            {
                if (inside is not null)
                    AttachedLink.Delete(inside, call.IfName);
            },
            cancel);
    }

    public override async Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = MacVlanConfig.Of(call);
        using var netns = ContainerNamespace.Open(call);
        using var inside = RouteSocket.OpenIn(netns);
        using (var here = call.Host.OpenRoutes())
            _ = config.FindMaster(config.LinkInContainer == true ? inside : here, CniErrorCode.Internal);
        if (call.IpamType.Length > 0)
            await Ipam.ForwardAsync(call, cancel);
        var link = AttachedLink.Find(call, inside, Kind);
        if (inside.FindSettings(link.Index)?.MacvlanMode is var mode && mode != config.KernelMode())
            throw new CniPluginException(CniErrorCode.Internal,
                $"container macvlan mode {mode} does not match expected value: {config.KernelMode()}");
        ContainerInterface.Check(inside, link, call.PrevResult!);
    }

    public override Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel) =>
        call.IpamType.Length > 0 ? Ipam.ForwardAsync(call, cancel) : Task.CompletedTask;

    public override async Task StatusAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = MacVlanConfig.Of(call);
        if (config.LinkInContainer != true) // the container is not known yet
        {
            using var here = call.Host.OpenRoutes();
            _ = config.FindMaster(here, CniErrorCode.NotAvailable);
        }
        if (call.IpamType.Length > 0)
            await Ipam.ForwardAsync(call, cancel);
    }

    private static Link Create(BuiltinCall call, MacVlanConfig config, NetworkNamespace netns, RouteSocket inside)
    {
        using var here = call.Host.OpenRoutes();
        var outside = config.LinkInContainer == true ? inside : here;
        var master = config.FindMaster(outside, CniErrorCode.Internal);
        var mtu = config.Mtu ?? 0;
        if (mtu < 0 || mtu > master.Mtu)
            throw new CniPluginException(CniErrorCode.InvalidConfig, $"invalid MTU {mtu}, must be [0, master MTU({master.Mtu})]");
        outside.CreateMacvlan(new MacvlanLink(call.IfName, master.Index, config.KernelMode())
        {
            Mac = config.MacFor(call),
            Mtu = mtu == 0 ? null : mtu,
            BroadcastQueueLength = config.BroadcastQueueLength is 0 ? null : config.BroadcastQueueLength,
            Netns = netns,
        });
        var link = inside.FindLink(call.IfName)
            ?? throw new CniPluginException(CniErrorCode.Internal, $"failed to refetch macvlan \"{call.IfName}\"");
        if (Ipam.MayUseLink(call))
            inside.SetUp(link.Index); // the dhcp client would do so, and lose its first packet and three seconds
        return link;
    }

    private static CniResult Configure(
        BuiltinCall call, MacVlanConfig config, NetworkNamespace netns, RouteSocket inside, Link link, CniResult addresses)
    {
        var result = new CniResult
        {
            CniVersion = call.CniVersion,
            Interfaces = [new() { Name = link.Name, Mac = link.Mac, Sandbox = call.NetNs }],
            Ips = [.. addresses.Ips.Select(ip => ip with { Interface = 0 })],
            Routes = addresses.Routes,
            Dns = config.Dns,
        };
        if (result.Ips.Count > 0)
        {
            netns.Inside(() =>
            {
                Sysctl.WriteIfThere($"net/ipv4/conf/{link.Name}/arp_notify", "1");
                Sysctl.WriteIfThere($"net/ipv6/conf/{link.Name}/ndisc_notify", "1");
            });
        }
        ContainerInterface.Configure(netns, inside, link, result);
        return result;
    }
}

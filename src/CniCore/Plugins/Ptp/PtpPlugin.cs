using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Plugins.Rules;
using CniCore.Spec;

namespace CniCore.Plugins.Ptp;

/// <summary>A veth pair between host and container, with routes and without a bridge (plugins/main/ptp).</summary>
internal sealed class PtpPlugin : BuiltinPlugin
{
    public override async Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = call.Read(PtpJson.Default.PtpConfig).Valid();
        if (call.IpamType.Length == 0)
            throw new CniPluginException(CniErrorCode.InvalidConfig, "ptp needs addresses: there is no ipam");
        using var space = ContainerNamespace.Open(call);
        return await AddressedBy.IpamAsync(call, addresses => PtpPair.Attach(call, config, space, addresses), cancel);
    }

    public override async Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        try
        {
            PtpPair.Detach(call, call.Read(PtpJson.Default.PtpConfig));
        }
        finally
        {
            // Last: until now the address could still be answered from here.
            if (call.IpamType.Length > 0)
                await Ipam.ForwardAsync(call, cancel);
        }
    }

    public override async Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var space = ContainerNamespace.Open(call);
        PtpPair.CheckOutside(call, call.Read(PtpJson.Default.PtpConfig)); // before IPAM: afterwards this may be another thread, in another namespace
        if (call.IpamType.Length > 0)
            await Ipam.ForwardAsync(call, cancel);
        using var inside = RouteSocket.OpenIn(space);
        ContainerInterface.Check(inside, AttachedLink.Find(call, inside, PtpPair.Kind), call.PrevResult!);
    }

    public override Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        Masquerade.RemoveAllBut(call.Network, call.Valid.Select(one => new AttachmentTag(call.Network, one.ContainerId, one.IfName).Identity).ToHashSet(StringComparer.Ordinal));
        return call.IpamType.Length > 0 ? Ipam.ForwardAsync(call, cancel) : Task.CompletedTask;
    }

    public override Task StatusAsync(BuiltinCall call, CancellationToken cancel) =>
        call.IpamType.Length > 0 ? Ipam.ForwardAsync(call, cancel) : Task.CompletedTask;
}

using CniCore.Firewall;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Ptp;

/// <summary>A veth pair between host and container, with routes and without a bridge (plugins/main/ptp).</summary>
internal sealed class PtpPlugin : BuiltinPlugin
{
    public override async Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = PtpConfig.Of(call);
        if (call.IpamType.Length == 0)
            throw new CniPluginException(CniErrorCode.InvalidConfig, "ptp needs addresses: there is no ipam");
        using var netns = ContainerNamespace.Open(call);
        using var host = call.Host.OpenRoutes();
        using var inside = RouteSocket.OpenIn(netns);
        return await IpamSequence.AddAsync(
            call,
            make: () => PtpPair.Make(call, config, netns, host, inside),
            configure: (pair, addresses) => pair.Configure(call, config, addresses),
            tearDown: () => PtpPair.Remove(call, config),
            cancel);
    }

    public override Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = PtpConfig.Unchecked(call);
        return IpamSequence.DeleteAsync(call, () => PtpPair.Remove(call, config), cancel);
    }

    public override async Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var netns = ContainerNamespace.Open(call);
        PtpPair.CheckOutside(call, PtpConfig.Unchecked(call));
        if (call.IpamType.Length > 0)
            await Ipam.ForwardAsync(call, cancel);
        using var inside = RouteSocket.OpenIn(netns);
        ContainerInterface.Check(inside, AttachedLink.Find(call, inside, PtpPair.Kind), call.PrevResult!);
    }

    public override Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        call.Firewall.Masquerade.RemoveAllBut(call.Network, call.ValidIdentities());
        if (call.Valid.Count == 0)
            new HostForwarding(call.Host).Restore();
        return call.IpamType.Length > 0 ? Ipam.ForwardAsync(call, cancel) : Task.CompletedTask;
    }

    public override FirewallPolicy? PolicyOf(BuiltinCall call) =>
        PtpConfig.Unchecked(call).IpMasq == true ? new() { Translations = call.Translations } : null;

    public override void RestoreRules(BuiltinCall call)
    {
        if (PolicyOf(call) is { } policy)
            call.Firewall.Masquerade.Restore(call.Tag, policy.Translations);
    }

    public override Task StatusAsync(BuiltinCall call, CancellationToken cancel) =>
        call.IpamType.Length > 0 ? Ipam.ForwardAsync(call, cancel) : Task.CompletedTask;
}

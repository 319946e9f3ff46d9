using CniCore.Firewall;
using CniCore.Spec;

namespace CniCore.Plugins.PortMap;

/// <summary>Publishes a container's ports on the host's addresses (plugins/meta/portmap).</summary>
/// <remarks>
/// A port that another container's attachment has is refused. If another attachment of the same container has it, that one keeps it, and
/// this one gets it afterwards, as with the reference. Sockets of processes on the host are not checked: a plugin has no process that lives
/// as long as the attachment, so its callers hold the ports with sockets (Podman's conmon, nerdctl, the network driver). A program that
/// binds a mapped port gets no packets, since the mapping comes first.
/// </remarks>
internal sealed class PortMapPlugin : BuiltinPlugin
{
    public override Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = PortMapConfig.Of(call);
        var result = call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "must be called as chained plugin");
        if (config.Mappings.Count > 0)
            new MappedPorts(call, RulesOf(call, config, result)).Map();
        return Task.FromResult(result);
    }

    public override Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        var rules = call.PrevResult is { } result ? RulesOf(call, PortMapConfig.Unchecked(call), result) : [];
        new MappedPorts(call, rules).Unmap();
        return Task.CompletedTask;
    }

    public override Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = PortMapConfig.Of(call);
        var result = call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "must be called as chained plugin");
        new MappedPorts(call, RulesOf(call, config, result)).ThrowIfMissing();
        return Task.CompletedTask;
    }

    public override FirewallPolicy? PolicyOf(BuiltinCall call) => call.PrevResult is { } result
        ? new() { Published = PublishedBy(call, PortMapConfig.Unchecked(call), result) }
        : null;

    public override void RestoreRules(BuiltinCall call)
    {
        var config = PortMapConfig.Of(call);
        if (config.Mappings.Count > 0 && call.PrevResult is { } result)
            new MappedPorts(call, RulesOf(call, config, result)).Restore();
    }

    public override Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        var valid = call.ValidIdentities();
        new MappedPorts(call, []).Unmap(comment => AttachmentTag.IsStale(comment, call.Network, valid));
        return Task.CompletedTask;
    }

    public override Task StatusAsync(BuiltinCall call, CancellationToken cancel)
    {
        call.Firewall.ThrowIfUnavailable();
        return Task.CompletedTask;
    }

    private static List<PortRules> RulesOf(BuiltinCall call, PortMapConfig config, CniResult result) =>
        [.. PublishedBy(call, config, result).Select(published => new PortRules(call.Tag, published))];

    // The first address of each family on the container's interface. After handOver (no namespace), the interface has another name.
    private static List<PublishedPorts> PublishedBy(BuiltinCall call, PortMapConfig config, CniResult result) => [.. result.Ips
        .Where(ip => call.NetNs.Length == 0 || ip.Interface is not { } index || index < 0 || index >= result.Interfaces.Count
            || (result.Interfaces[index].Name == call.IfName && !string.IsNullOrEmpty(result.Interfaces[index].Sandbox)))
        .Select(ip => ip.Address)
        .DistinctBy(address => address.Address.AddressFamily)
        .Select(config.PublishedBy)];
}

using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;
using CniCore.Spec;

namespace CniCore.Plugins.PortMap;

/// <summary>portmap: publishes a container's ports on the host's addresses.</summary>
internal sealed class PortMapPlugin : BuiltinPlugin
{
    public override Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = call.Read(PortMapJson.Default.PortMapConfig).Checked();
        var result = call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "must be called as chained plugin");
        if (config.Mappings.Count == 0)
            return Task.FromResult(result);
        var rules = RulesOf(call, config, result);
        if (config.Mappings.FirstOrDefault(mapping => HostPort.IsTaken(mapping) || IsHeld(call.Tag, rules, mapping)) is { } taken)
            throw Allocated(taken);
        LetLocalhostThrough(config, result, call);
        try
        {
            PortTable.Table.Add(
                [.. rules.SelectMany(one => one.Elements)],
                old => call.Tag.Owns(old.Comment) || rules.Any(one => one.IsAbout(old)),
                string.Concat(rules.Select(one => one.OwnChain)));
        }
        catch (NftablesException fault) when (RuleTable.IsTaken(fault))
        {
            throw Allocated(config.Mappings.FirstOrDefault(mapping => IsHeld(call.Tag, rules, mapping)) ?? config.Mappings[0]);
        }
        return Task.FromResult(result);
    }

    public override Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        var rules = call.PrevResult is { } result ? RulesOf(call, call.Read(PortMapJson.Default.PortMapConfig), result) : [];
        PortTable.Table.Delete(call.Tag.Owns, rules.Any(one => one.Mappings.Count > 0) ? nft => Known(nft, call.Tag, rules) : null);
        return Task.CompletedTask;
    }

    public override Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = call.Read(PortMapJson.Default.PortMapConfig).Checked();
        var result = call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "must be called as chained plugin");
        using var nft = Nftables.Open();
        foreach (var element in RulesOf(call, config, result).SelectMany(one => one.Elements))
        {
            if (PortTable.Table.Find(nft, element.Set, element.Key) is not { } found || !call.Tag.Owns(found.Comment))
                throw new CniPluginException(CniErrorCode.Internal, $"a port mapping is missing in table {PortTable.Name}: {element.Set} {element.Key}");
        }
        return Task.CompletedTask;
    }

    public override Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        var valid = call.ValidIdentities();
        PortTable.Table.Delete(comment => AttachmentTag.IsStale(comment, call.Network, valid));
        return Task.CompletedTask;
    }

    public override Task StatusAsync(BuiltinCall call, CancellationToken cancel)
    {
        RuleTable.ThrowIfUnavailable();
        return Task.CompletedTask;
    }

    // A port that leads to the container shows that what else is there about its address is the attachment's too: ADD displaces both.
    private static IReadOnlyList<RuleElement> Known(Nftables nft, AttachmentTag tag, IReadOnlyList<PortRules> rules) =>
        [.. rules.Where(one => one.Ports.Any(port => PortTable.Table.Find(nft, port.Set, port.Key) is { } found && tag.Owns(found.Comment))).SelectMany(one => one.Elements)];

    private static CniPluginException Allocated(PortMapping mapping) =>
        new(CniErrorCode.Internal, $"Bind for {mapping.HostSide} failed: port is already allocated");

    // Another attachment's, be it on that address, on all of them, or on one of all.
    private static bool IsHeld(AttachmentTag tag, IReadOnlyList<PortRules> rules, PortMapping mapping)
    {
        using var nft = Nftables.Open();
        return rules.Where(one => one.Mappings.Contains(mapping)).SelectMany(one => one.Rivals(nft, mapping)).Any(rival => !tag.Owns(rival.Comment) && !rules.Any(one => one.IsAbout(rival)));
    }

    // The first address of each family that the container's interface has. One that was handed over (no namespace) has another name.
    private static List<PortRules> RulesOf(BuiltinCall call, PortMapConfig config, CniResult result) => [.. result.Ips
        .Where(ip => call.NetNs.Length == 0 || ip.Interface is not { } index || index < 0 || index >= result.Interfaces.Count
            || (result.Interfaces[index].Name == call.IfName && !string.IsNullOrEmpty(result.Interfaces[index].Sandbox)))
        .Select(ip => ip.Address)
        .DistinctBy(address => address.Address.AddressFamily)
        .Select(address => new PortRules(call.Tag, config, address))];

    // From 127.0.0.1 to a container: only with this does the kernel let its answer come back to that address.
    private static void LetLocalhostThrough(PortMapConfig config, CniResult result, BuiltinCall call)
    {
        if (config.Snat == false || result.Ips.FirstOrDefault(ip => ip.Address.Address.AddressFamily == AddressFamily.InterNetwork) is not { } container)
            return;
        using var route = RouteSocket.Open();
        var way = route.Routes()
            .Where(way => way.Destination.AddressFamily == AddressFamily.InterNetwork && new IPNetwork(way.Destination, way.PrefixLength).Contains(container.Address.Address))
            .MaxBy(way => way.PrefixLength);
        if (way is not null && route.FindLink(way.LinkIndex) is { } link)
            File.WriteAllText($"/proc/sys/net/ipv4/conf/{link.Name}/route_localnet", "1");
    }
}

using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;
using CniCore.Spec;

namespace CniCore.Plugins.PortMap;

/// <summary>portmap: publishes a container's ports on the host's addresses.</summary>
/// <remarks>
/// A port that another container's attachment has is refused. One that another attachment of the same container has stays with that one,
/// and is this one's when that one goes: as the reference does it. Processes of the host that stand on a port are not looked at: a plugin
/// has no process that lives as long as its attachment, so its callers hold ports with sockets of their own (Podman's conmon, nerdctl,
/// the network driver). A program that binds a mapped port gets no packet: the mapping takes them before any socket of the host.
/// </remarks>
internal sealed class PortMapPlugin : BuiltinPlugin
{
    public override Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = call.Read(PortMapJson.Default.PortMapConfig).Checked();
        var result = call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "must be called as chained plugin");
        if (config.Mappings.Count == 0)
            return Task.FromResult(result);
        var rules = RulesOf(call, config, result);
        Map(call, config, rules, []);
        return Task.FromResult(result);
    }

    public override Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        var rules = call.PrevResult is { } result ? RulesOf(call, call.Read(PortMapJson.Default.PortMapConfig), result) : [];
        Unmap(call.Tag.Owns, rules.Any(one => one.Mappings.Count > 0) ? () => Known(call.Tag, rules) : null);
        return Task.CompletedTask;
    }

    public override Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = call.Read(PortMapJson.Default.PortMapConfig).Checked();
        var result = call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "must be called as chained plugin");
        foreach (var element in RulesOf(call, config, result).SelectMany(one => one.Elements))
        {
            if (PortTable.Table.Find(element.Set, element.Key) is not { } found || !call.Tag.OwnsContainer(found.Comment))
                throw new CniPluginException(CniErrorCode.Internal,
                    $"a port mapping is missing in table {PortTable.Name}: {element.Set} {element.Key}");
        }
        return Task.CompletedTask;
    }

    public override IEnumerable<MissingRule> MissingRules(BuiltinCall call, RuleSnapshot found)
    {
        if (call.PrevResult is not { } result)
            return [];
        var rules = RulesOf(call, call.Read(PortMapJson.Default.PortMapConfig), result).Where(one => one.Mappings.Count > 0).ToList();
        return found.Missing(PortTable.Table, rules.SelectMany(one => one.Elements))
            .Concat(found.Missing(PortTable.Table, rules.Select(one => one.Callers)));
    }

    public override void RestoreRules(BuiltinCall call)
    {
        var config = call.Read(PortMapJson.Default.PortMapConfig).Checked();
        if (config.Mappings.Count > 0 && call.PrevResult is { } result)
        {
            var rules = RulesOf(call, config, result);
            Map(call, config, rules, [], isAgain: true);
            PortTable.Table.Put(rules.Where(one => one.Mappings.Count > 0).Select(one => one.Callers).DistinctBy(chain => chain.Name));
        }
    }

    public override Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        var valid = call.ValidIdentities();
        Unmap(comment => AttachmentTag.IsStale(comment, call.Network, valid));
        return Task.CompletedTask;
    }

    public override Task StatusAsync(BuiltinCall call, CancellationToken cancel)
    {
        RuleTable.ThrowIfUnavailable();
        return Task.CompletedTask;
    }

    private static void Map(BuiltinCall call, PortMapConfig config,
        IReadOnlyList<PortRules> rules, List<RuleElement> waiting, bool isAgain = false)
    {
        RuleElement[] elements = [.. rules.SelectMany(one => one.Elements).Except(waiting)];
        if (elements.Length == 0)
            return;
        try
        {
            bool Displaces(RuleElement old) => IsInTheWay(call.Tag, rules, old);
            var displaced = PortTable.Table.Add(
                [.. elements.Where(element => element.OwnChain is null)],
                Displaces,
                [.. rules.Where(one => one.Mappings.Count > 0).Select(one => one.Callers).DistinctBy(chain => chain.Name)],
                check: () => ThrowIfHeld(call.Tag, rules));
            if (elements.Any(element => element.OwnChain is not null))
                displaced = [.. displaced, .. AddConditioned(call.Tag, rules, Displaces)];
            WaitingPorts.Add([.. waiting.Where(port => port.OwnChain is null)]);
            StaleFlows.Forget(elements, isAgain ? [] : displaced); // what stood all the time has flows that go on
        }
        catch (NetlinkException fault) when (RuleTable.IsTaken(fault))
        {
            ThrowIfHeld(call.Tag, rules);
            if (waiting.Count > 0 || HeldBySameContainer(call.Tag, rules) is not { Count: > 0 } held)
                throw;
            Map(call, config, rules, held, isAgain);
            return;
        }
        try
        {
            if (config.Snat != false)
                LocalhostReturn.Open(rules.Where(one => one.Mappings.Count > 0).Select(one => one.Container), isAgain);
        }
        catch
        {
            Unmap(call.Tag.Owns);
            throw;
        }
    }

    // A chain of conditions is all of an attachment's ports: it waits for nobody.
    private static IReadOnlyList<RuleElement> AddConditioned(
        AttachmentTag tag, IReadOnlyList<PortRules> rules, Func<RuleElement, bool> displaces)
    {
        try
        {
            List<PortRules> free = [.. rules.Where(one => one.OwnChain.Length > 0 && HeldBySameContainer(tag, [one]).Count == 0)];
            return free.Count == 0 ? [] : PortTable.Table.AddByNft(
                string.Concat(free.Select(one => one.OwnChain)), [.. free.SelectMany(one => one.Ports)], displaces);
        }
        catch (Exception fault)
        {
            Unmap(tag.Owns);
            if (fault is NftablesException)
                ThrowIfHeld(tag, rules);
            throw;
        }
    }

    private static void Unmap(Func<string, bool> goes, Func<IReadOnlyList<RuleElement>>? guess = null)
    {
        var gone = PortTable.Table.Delete(goes, guess);
        StaleFlows.Forget(WaitingPorts.TakeOver(gone), gone);
    }

    // Ports that are all its own show that what else is there about its address is the attachment's too: ADD displaces both.
    private static IReadOnlyList<RuleElement> Known(AttachmentTag tag, IReadOnlyList<PortRules> rules) =>
        rules.SelectMany(one => one.Ports).All(port => PortTable.Table.Find(port.Set, port.Key) is { } found && tag.Owns(found.Comment))
            ? [.. rules.SelectMany(one => one.Elements)]
            : [];

    // Ports that another attachment of the same container has.
    private static List<RuleElement> HeldBySameContainer(AttachmentTag tag, IReadOnlyList<PortRules> rules) =>
        [.. rules.SelectMany(one => one.Ports)
            .Where(port =>
            PortTable.Table.Find(port.Set, port.Key) is { } found && !tag.Owns(found.Comment) && tag.OwnsContainer(found.Comment))];

    // Its own, of an ADD that was cut short or comes again; and what another left behind that leads to the container's address.
    private static bool IsInTheWay(AttachmentTag tag, IReadOnlyList<PortRules> rules, RuleElement old) =>
        tag.Owns(old.Comment) || rules.Any(one => one.IsAbout(old));

    private static void ThrowIfHeld(AttachmentTag tag, IReadOnlyList<PortRules> rules)
    {
        var used = new PortsInUse();
        foreach (var one in rules)
        {
            foreach (var mapping in one.Mappings)
            {
                if (one.Rivals(used, mapping).Any(rival => !IsInTheWay(tag, rules, rival) && !tag.OwnsContainer(rival.Comment)))
                    throw Allocated(mapping);
            }
        }
    }

    private static CniPluginException Allocated(PortMapping mapping) =>
        new(CniErrorCode.Internal, $"Bind for {mapping.HostSide} failed: port is already allocated");

    // The first address of each family that the container's interface has. One that was handed over (no namespace) has another name.
    private static List<PortRules> RulesOf(BuiltinCall call, PortMapConfig config, CniResult result) => [.. result.Ips
        .Where(ip => call.NetNs.Length == 0 || ip.Interface is not { } index || index < 0 || index >= result.Interfaces.Count
            || (result.Interfaces[index].Name == call.IfName && !string.IsNullOrEmpty(result.Interfaces[index].Sandbox)))
        .Select(ip => ip.Address)
        .DistinctBy(address => address.Address.AddressFamily)
        .Select(address => new PortRules(call.Tag, config, address))];
}

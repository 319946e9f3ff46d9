using CniCore.Firewall;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Plugins.PortMap;

/// <summary>The ports of an attachment in <see cref="PortTable"/>.</summary>
internal sealed class MappedPorts(BuiltinCall call, IReadOnlyList<PortRules> all)
{
    private readonly AttachmentTag tag = call.Tag;
    private readonly PortTable ports = call.Firewall.Ports;
    private readonly RuleTable table = call.Firewall.Ports.Table;
    private readonly WaitingPorts waitingPorts = new(call.Firewall.Ports.Table);
    private readonly StaleFlows flows = new(call.Host);

    private IEnumerable<PortRules> Rules => all.Where(rules => rules.Published.Ports.Count > 0);

    private IReadOnlyList<NftChain> Callers => [.. Rules.Select(rules => rules.Callers).DistinctBy(chain => chain.Name)];

    /// <summary>For ADD: maps the ports.</summary>
    /// <exception cref="CniPluginException">Another container has one of the ports.</exception>
    public void Map() => Map([], isAgain: false);

    /// <summary>Restores mappings that somebody removed.</summary>
    /// <exception cref="CniPluginException">Another container has one of the ports by now.</exception>
    public void Restore()
    {
        Map([], isAgain: true);
        table.Put(Callers);
    }

    /// <summary>For DEL: removes the mappings.</summary>
    public void Unmap() => Unmap(tag.Owns, Rules.Any() ? Known : null);

    /// <summary>Removes the mappings of attachments that match the comment.</summary>
    public void Unmap(Func<string, bool> goes, Func<IReadOnlyList<RuleElement>>? guess = null)
    {
        var gone = table.Delete(goes, guess);
        flows.Forget(waitingPorts.TakeOver(gone), gone);
    }

    /// <summary>For CHECK: compares the mappings.</summary>
    /// <exception cref="CniPluginException">A port is not mapped.</exception>
    public void ThrowIfMissing()
    {
        foreach (var element in Rules.SelectMany(rules => rules.Elements))
        {
            if (table.Find(element.Set, element.Key) is not { } found || !tag.OwnsContainer(found.Comment))
                throw new CniPluginException(CniErrorCode.Internal,
                    $"a port mapping is missing in table {table.Name}: {element.Set} {element.Key}");
        }
    }

    private void Map(List<RuleElement> waiting, bool isAgain)
    {
        RuleElement[] elements = [.. Rules.SelectMany(rules => rules.Elements).Except(waiting)];
        if (elements.Length == 0)
            return;
        try
        {
            var displaced = table.Add([.. elements.Where(element => element.OwnChain is null)], IsInTheWay, Callers, check: ThrowIfHeld);
            if (elements.Any(element => element.OwnChain is not null))
                displaced = [.. displaced, .. AddConditioned()];
            waitingPorts.Add([.. waiting.Where(port => port.OwnChain is null)]);
            flows.Forget(elements, isAgain ? [] : displaced); // flows of mappings that were there all the time go on
        }
        catch (NetlinkException fault) when (RuleTable.IsTaken(fault))
        {
            ThrowIfHeld();
            if (waiting.Count > 0 || HeldBySameContainer(all) is not { Count: > 0 } held)
                throw;
            Map(held, isAgain);
            return;
        }
        try
        {
            ports.Localhost.Open(
                Rules.Where(rules => rules.Published.ReturnsToLocalhost).Select(rules => rules.Published.Container), isAgain);
        }
        catch
        {
            Unmap(tag.Owns);
            throw;
        }
    }

    // A chain with conditions is for all ports of an attachment, so none of them can wait.
    private IReadOnlyList<RuleElement> AddConditioned()
    {
        try
        {
            List<PortRules> free = [.. Rules.Where(rules => rules.OwnChain.Length > 0 && HeldBySameContainer([rules]).Count == 0)];
            return free.Count == 0 ? [] : table.AddByNft(
                string.Concat(free.Select(rules => rules.OwnChain)), [.. free.SelectMany(rules => rules.Ports)], IsInTheWay);
        }
        catch (Exception fault)
        {
            Unmap(tag.Owns);
            if (fault is NftablesException)
                ThrowIfHeld();
            throw;
        }
    }

    // If all ports are the attachment's own, other elements about its address are its own too: ADD removes both.
    private IReadOnlyList<RuleElement> Known() =>
        Rules.SelectMany(rules => rules.Ports).All(port => table.Find(port.Set, port.Key) is { } found && tag.Owns(found.Comment))
            ? [.. Rules.SelectMany(rules => rules.Elements)]
            : [];

    // Ports that another attachment of the same container has.
    private List<RuleElement> HeldBySameContainer(IEnumerable<PortRules> rules) =>
        [.. rules.SelectMany(rules => rules.Ports).Where(port =>
            table.Find(port.Set, port.Key) is { } found && !tag.Owns(found.Comment) && tag.OwnsContainer(found.Comment))];

    // The attachment's own elements, of an interrupted or repeated ADD, and stale ones of others that lead to the container's address.
    private bool IsInTheWay(RuleElement old) => tag.Owns(old.Comment) || all.Any(rules => rules.IsAbout(old));

    private void ThrowIfHeld()
    {
        var used = new PortsInUse(table);
        foreach (var rules in Rules)
        {
            foreach (var port in rules.Published.Ports)
            {
                if (rules.Rivals(used, port).Any(rival => !IsInTheWay(rival) && !tag.OwnsContainer(rival.Comment)))
                    throw new CniPluginException(CniErrorCode.Internal, $"Bind for {port.Text} failed: port is already allocated");
            }
        }
    }
}

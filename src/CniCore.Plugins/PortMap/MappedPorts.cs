using CniCore.Firewall;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Plugins.PortMap;

/// <summary>An attachment's ports in <see cref="PortTable"/>: they are mapped beside those of others, or refused.</summary>
internal sealed class MappedPorts(BuiltinCall call, IReadOnlyList<PortRules> all)
{
    private readonly AttachmentTag tag = call.Tag;
    private readonly PortTable ports = call.Firewall.Ports;
    private readonly RuleTable table = call.Firewall.Ports.Table;
    private readonly WaitingPorts waitingPorts = new(call.Firewall.Ports.Table);
    private readonly StaleFlows flows = new(call.Host);

    private IEnumerable<PortRules> Rules => all.Where(rules => rules.Published.Ports.Count > 0);

    private IReadOnlyList<NftChain> Callers => [.. Rules.Select(rules => rules.Callers).DistinctBy(chain => chain.Name)];

    /// <summary>ADD.</summary>
    /// <exception cref="CniPluginException">Another container has a port.</exception>
    public void Map() => Map([], isAgain: false);

    /// <summary>Again, after somebody has taken some of it away.</summary>
    /// <exception cref="CniPluginException">Another container has a port by now.</exception>
    public void Restore()
    {
        Map([], isAgain: true);
        table.Put(Callers);
    }

    /// <summary>DEL.</summary>
    public void Unmap() => Unmap(tag.Owns, Rules.Any() ? Known : null);

    /// <summary>DEL of those whom the comment names.</summary>
    public void Unmap(Func<string, bool> goes, Func<IReadOnlyList<RuleElement>>? guess = null)
    {
        var gone = table.Delete(goes, guess);
        flows.Forget(waitingPorts.TakeOver(gone), gone);
    }

    /// <summary>CHECK.</summary>
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
            flows.Forget(elements, isAgain ? [] : displaced); // what stood all the time has flows that go on
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

    // A chain of conditions is all of an attachment's ports: it waits for nobody.
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

    // Ports that are all its own show that what else is there about its address is the attachment's too: ADD displaces both.
    private IReadOnlyList<RuleElement> Known() =>
        Rules.SelectMany(rules => rules.Ports).All(port => table.Find(port.Set, port.Key) is { } found && tag.Owns(found.Comment))
            ? [.. Rules.SelectMany(rules => rules.Elements)]
            : [];

    // Ports that another attachment of the same container has.
    private List<RuleElement> HeldBySameContainer(IEnumerable<PortRules> rules) =>
        [.. rules.SelectMany(rules => rules.Ports).Where(port =>
            table.Find(port.Set, port.Key) is { } found && !tag.Owns(found.Comment) && tag.OwnsContainer(found.Comment))];

    // Its own, of an ADD that was cut short or comes again; and what another left behind that leads to the container's address.
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

using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>The host's rules for a comparison. Each table and chain is read once, when it is first needed.</summary>
internal sealed class RuleSnapshot(HostNetwork host)
{
    private readonly Dictionary<NftTable, TableDefinition?> whole = [];
    private readonly Dictionary<NftTable, TableDefinition?> rules = [];
    private readonly Dictionary<NftTable, HashSet<(string Set, string Key)>> elements = [];
    private readonly IReadOnlyList<Iptables> iptables = Iptables.InForce(host);

    /// <summary>The wanted rules that are missing, and rules that must not be beside them.</summary>
    public IEnumerable<MissingRule> Missing(WantedRules wanted) => wanted.Tables.SelectMany(table => Missing(table, wanted.IsShared))
        .Concat(iptables.SelectMany(backEnd => new ForwardChain(backEnd, wanted.Chain)
            .Missing(wanted.Rules(backEnd.Family), exactly: !wanted.IsShared)));

    private IEnumerable<MissingRule> Missing(WantedTable wanted, bool isShared)
    {
        var table = wanted.Definition.Table;
        return (isShared
            ? MissingElements(wanted).Concat(wanted.Chains.SelectMany(chain => Differences(table, chain)))
            : wanted.Definition.Differences(Read(whole, table, withElements: true))).Select(line => new MissingRule($"{table}", line));
    }

    private IEnumerable<string> MissingElements(WantedTable wanted) => wanted.Elements
        .Where(element => !ElementsOf(wanted.Definition).Contains((element.Set, element.Key)))
        .Select(element => $"{element.Set} {{ {element.Text} }}");

    private IReadOnlyList<string> Differences(NftTable table, NftChain chain)
    {
        var found = Read(rules, table, withElements: false);
        return new TableDefinition(table) { Chains = [chain] }.Differences(found is null
            ? null
            : found with { Sets = [], Chains = [.. found.Chains.Where(other => other.Name == chain.Name)] });
    }

    private TableDefinition? Read(Dictionary<NftTable, TableDefinition?> read, NftTable table, bool withElements)
    {
        if (!read.TryGetValue(table, out var found))
            read[table] = found = host.Nftables.Read(table, withElements);
        return found;
    }

    private HashSet<(string Set, string Key)> ElementsOf(TableDefinition definition)
    {
        if (!elements.TryGetValue(definition.Table, out var found))
        {
            elements[definition.Table] = found = [.. definition.Sets.SelectMany(set =>
                (host.Nftables.Elements(definition.Table, set.Name) ?? []).Select(element => (set.Name, set.KeyTextOf(element))))];
        }
        return found;
    }
}

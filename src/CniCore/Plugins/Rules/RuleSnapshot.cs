using CniCore.Firewall;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Plugins.Rules;

/// <summary>The host's rules as they are, each table and chain read once, when it is first asked about.</summary>
internal sealed class RuleSnapshot
{
    private readonly Dictionary<RuleTable, HashSet<(string Set, string Key)>> tables = [];
    private readonly Dictionary<RuleTable, TableDefinition?> definitions = [];
    private readonly Dictionary<(Iptables, string), IReadOnlyList<FilterRule>> chains = [];

    /// <summary>iptables, where it forwards by rules.</summary>
    public IReadOnlyList<Iptables> Iptables { get; } = CniCore.Firewall.Iptables.InForce();

    /// <summary>Which of these elements are not there.</summary>
    public IEnumerable<MissingRule> Missing(RuleTable table, IEnumerable<RuleElement> elements) => elements
        .Where(element => !ElementsOf(table).Contains((element.Set, element.Key)))
        .Select(element => new MissingRule(table.Name, $"{element.Set} {{ {element.Text} }}"));

    /// <summary>What of chains that attachments share is not as it should be.</summary>
    public IEnumerable<MissingRule> Missing(RuleTable table, IEnumerable<NftChain> chains)
    {
        if (!definitions.TryGetValue(table, out var found))
        {
            using var socket = NftSocket.Open();
            definitions[table] = found = socket.Read(table.Definition.Table, withElements: false);
        }
        return
            from chain in chains
            from line in new TableDefinition(table.Definition.Table) { Chains = [chain] }.Differences(found is null
                ? null
                : found with { Sets = [], Chains = [.. found.Chains.Where(one => one.Name == chain.Name)] })
            select new MissingRule(table.Name, line);
    }

    /// <summary>The rules of a chain.</summary>
    public IReadOnlyList<FilterRule> Rules(Iptables iptables, string chain)
    {
        if (!chains.TryGetValue((iptables, chain), out var rules))
            chains[(iptables, chain)] = rules = iptables.Rules(chain);
        return rules;
    }

    private HashSet<(string Set, string Key)> ElementsOf(RuleTable table)
    {
        if (!tables.TryGetValue(table, out var elements))
            tables[table] = elements = [.. table.Elements().Select(element => (element.Set, element.Key))];
        return elements;
    }
}

using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>The wanted content of one of our nf_tables tables.</summary>
/// <param name="Definition">The fixed content of the table.</param>
internal sealed record WantedTable(TableDefinition Definition)
{
    /// <summary>Elements of its sets.</summary>
    public IReadOnlyList<RuleElement> Elements { get; init; } = [];

    /// <summary>The chains that the elements jump to.</summary>
    public IReadOnlyList<NftChain> Chains { get; init; } = [];

    /// <summary>The table without elements of others.</summary>
    public TableDefinition Alone => Definition with
    {
        Sets = [.. Definition.Sets.Select(set => Elements.Any(element => element.Set == set.Name)
            ? set.WithElements([.. set.Elements, .. Elements.Where(element => element.Set == set.Name).Select(element => element.In(set))])
            : set)],
        Chains = [.. Definition.Chains, .. Chains],
    };
}

using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>What should stand in one of our tables of nf_tables.</summary>
/// <param name="Definition">What stands there whoever uses the table.</param>
internal sealed record WantedTable(TableDefinition Definition)
{
    /// <summary>Elements of its sets.</summary>
    public IReadOnlyList<RuleElement> Elements { get; init; } = [];

    /// <summary>Chains that the elements lead to.</summary>
    public IReadOnlyList<NftChain> Chains { get; init; } = [];

    /// <summary>The table where nobody else has anything in it.</summary>
    public TableDefinition Alone => Definition with
    {
        Sets = [.. Definition.Sets.Select(set => Elements.Any(element => element.Set == set.Name)
            ? set.WithElements([.. set.Elements, .. Elements.Where(element => element.Set == set.Name).Select(element => element.In(set))])
            : set)],
        Chains = [.. Definition.Chains, .. Chains],
    };
}

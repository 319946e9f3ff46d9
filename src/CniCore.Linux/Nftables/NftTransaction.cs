using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>
/// Changes to one table, in their order; <see cref="NftSocket.Commit(NftTransaction, string)"/> makes all of them or none.
/// </summary>
public sealed class NftTransaction(NftTable table)
{
    private readonly List<RequestWriter> messages = [];

    /// <summary>The table that is changed.</summary>
    public NftTable Table => table;

    internal IReadOnlyList<RequestWriter> Messages => messages;

    /// <summary>Makes the table. EEXIST: it stands.</summary>
    public NftTransaction Create(TableDefinition definition) => Append(NftSocket.Definition(definition));

    /// <summary>A chain with exactly these rules, whether it is there or not.</summary>
    public NftTransaction Put(NftChain chain) => Append(
        [NftSocket.NewChain(table, chain), NftSocket.DeleteRules(table, chain.Name),
            .. chain.Rules.Select(rule => NftSocket.NewRule(table, chain.Name, rule))]);

    /// <summary>A chain and its rules. EBUSY: something else leads to it.</summary>
    public NftTransaction DeleteChain(string chain) => Append([NftSocket.DeleteRules(table, chain), NftSocket.DeleteChain(table, chain)]);

    /// <summary>EEXIST: one that is not shared is there already.</summary>
    public NftTransaction Create(IEnumerable<SetElement> elements) => Append(NftSocket.NewElements(table, elements));

    /// <summary>ENOENT: one is not there.</summary>
    public NftTransaction Delete(IEnumerable<SetElement> elements) => Append(NftSocket.DeletedElements(table, elements));

    private NftTransaction Append(IEnumerable<RequestWriter> more)
    {
        messages.AddRange(more);
        return this;
    }
}

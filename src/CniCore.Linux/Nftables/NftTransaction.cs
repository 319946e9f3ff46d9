using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>Changes to one table, in order. <see cref="NftSocket.Commit(NftTransaction, string)"/> makes all of them or none.</summary>
public sealed class NftTransaction(NftTable table)
{
    private readonly List<RequestWriter> messages = [];

    /// <summary>The table to change.</summary>
    public NftTable Table => table;

    internal IReadOnlyList<RequestWriter> Messages => messages;

    /// <summary>Creates the table. EEXIST: it exists.</summary>
    public NftTransaction Create(TableDefinition definition) => Append(NftSocket.Definition(definition));

    /// <summary>Creates a chain, or replaces its rules.</summary>
    public NftTransaction Put(NftChain chain) => Append(
        [NftSocket.NewChain(table, chain), NftSocket.DeleteRules(table, chain.Name),
            .. chain.Rules.Select(rule => NftSocket.NewRule(table, chain.Name, rule))]);

    /// <summary>Deletes a chain and its rules. EBUSY: something jumps to it.</summary>
    public NftTransaction DeleteChain(string chain) => Append([NftSocket.DeleteRules(table, chain), NftSocket.DeleteChain(table, chain)]);

    /// <summary>Adds elements. EEXIST: one that is not shared exists.</summary>
    public NftTransaction Create(IEnumerable<SetElement> elements) => Append(NftSocket.NewElements(table, elements));

    /// <summary>Deletes elements. ENOENT: one does not exist.</summary>
    public NftTransaction Delete(IEnumerable<SetElement> elements) => Append(NftSocket.DeletedElements(table, elements));

    private NftTransaction Append(IEnumerable<RequestWriter> more)
    {
        messages.AddRange(more);
        return this;
    }
}

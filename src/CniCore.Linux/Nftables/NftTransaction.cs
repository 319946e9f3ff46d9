using CniCore.Linux.Interop;
using CniCore.Linux.Netlink;
using static CniCore.Linux.Nftables.NftMessages;

namespace CniCore.Linux.Nftables;

/// <summary>
/// Changes to one table, in order, whether a whole table or one element. <see cref="NftSocket.Commit"/> makes all of them or none.
/// </summary>
public sealed class NftTransaction(NftTable table)
{
    private readonly List<RequestWriter> messages = [];

    /// <summary>The table to change.</summary>
    public NftTable Table => table;

    internal IReadOnlyList<RequestWriter> Messages => messages;

    /// <summary>Creates the table. EEXIST: it exists.</summary>
    public NftTransaction Create(TableDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Append(NewTable(table, rtnl.NLM_F_EXCL));
        Append(definition.Sets.Select((set, at) => NewSet(table, set, at + 1)));
        Append(definition.Chains.Select(chain => NewChain(table, chain)));
        foreach (var set in definition.Sets)
            Create(AsTheKernelKeepsThem(set));
        return Append(definition.Chains.SelectMany(chain => chain.Rules.Select(rule => NewRule(table, chain.Name, rule))));
    }

    /// <summary>Creates the table, in the place of one that exists.</summary>
    public NftTransaction Replace(TableDefinition definition) => Append(NewTable(table, 0)).Delete().Create(definition);

    /// <summary>Deletes the table with its content. ENOENT: it does not exist.</summary>
    public NftTransaction Delete() => Append(DeleteTable(table));

    /// <summary>Deletes the table with its content. EBUSY: something jumps to that chain of it.</summary>
    public NftTransaction DeleteUnlessUsed(string chain) => Append(NftMessages.DeleteChain(table, chain)).Delete();

    /// <summary>Creates a chain, or replaces its rules.</summary>
    public NftTransaction Put(NftChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return Append(NewChain(table, chain), DeleteRules(table, chain.Name))
            .Append(chain.Rules.Select(rule => NewRule(table, chain.Name, rule)));
    }

    /// <summary>Deletes a chain and its rules. EBUSY: something jumps to it.</summary>
    public NftTransaction DeleteChain(string chain) => Append(DeleteRules(table, chain), NftMessages.DeleteChain(table, chain));

    /// <summary>Adds elements. EEXIST: one that is not shared exists.</summary>
    public NftTransaction Create(IEnumerable<SetElement> elements) => Append(NewElements(table, elements));

    /// <summary>Deletes elements. ENOENT: one does not exist.</summary>
    public NftTransaction Delete(IEnumerable<SetElement> elements) => Append(DeleteElements(table, elements));

    /// <summary>Changes iptables' filter table. ENOENT: a rule or chain does not exist. EBUSY: another rule jumps to the chain.</summary>
    public NftTransaction Change(IEnumerable<FilterChange> changes) => Append(changes.SelectMany(MessagesOf));

    private IEnumerable<RequestWriter> MessagesOf(FilterChange change) => change.Kind switch
    {
        FilterChangeKind.MakeChain => [NewChain(table, new(change.Chain))],
        FilterChangeKind.EmptyChain => [DeleteRules(table, change.Chain)],
        FilterChangeKind.RemoveChain => [DeleteRules(table, change.Chain), NftMessages.DeleteChain(table, change.Chain)],
        FilterChangeKind.InsertRule => [InsertRule(table, change.Rule!, change.Before)],
        FilterChangeKind.AppendRule => [AppendRule(table, change.Rule!)],
        _ => [DeleteRule(table, change.Rule!)],
    };

    private static IEnumerable<SetElement> AsTheKernelKeepsThem(NftSet set) =>
        set.IsInterval && set.Key.Count == 1 ? Intervals.Split(set.Elements) : set.Elements;

    private NftTransaction Append(params IEnumerable<RequestWriter> more)
    {
        messages.AddRange(more);
        return this;
    }
}

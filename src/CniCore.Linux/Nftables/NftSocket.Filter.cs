using System.Buffers.Binary;
using CniCore.Linux.Interop;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>The rules of iptables' filter table in iptables-nft.</summary>
public sealed partial class NftSocket
{
    /// <summary>The rules of a chain, in order; empty if the chain does not exist.</summary>
    public IReadOnlyList<FilterRule> FilterRules(NftTable table, string chain) => DumpOrNothing(
        () => Rule(nf_tables.NFT_MSG_GETRULE, rtnl.NLM_F_DUMP, table, chain),
        FilterRuleForm.Read,
        $"listing the chain {chain}") ?? [];

    /// <summary>Makes all of the changes, or none.</summary>
    /// <exception cref="NetlinkException">ENOENT: a rule or chain does not exist. EBUSY: another rule jumps to the chain.</exception>
    public void Change(NftTable table, IEnumerable<FilterChange> changes) =>
        Commit([.. changes.SelectMany(change => Messages(table, change))], $"changing the table {table}");

    private static IEnumerable<RequestWriter> Messages(NftTable table, FilterChange change) => change.Kind switch
    {
        FilterChangeKind.MakeChain => [Chain(nf_tables.NFT_MSG_NEWCHAIN, rtnl.NLM_F_CREATE, table, change.Chain)],
        FilterChangeKind.EmptyChain => [DeleteRules(table, change.Chain)],
        FilterChangeKind.RemoveChain => [DeleteRules(table, change.Chain), DeleteChain(table, change.Chain)],
        FilterChangeKind.InsertRule => [NewRule(rtnl.NLM_F_CREATE, table, change.Rule!, change.Before)],
        FilterChangeKind.AppendRule => [NewRule(rtnl.NLM_F_CREATE | rtnl.NLM_F_APPEND, table, change.Rule!)],
        _ => [Rule(nf_tables.NFT_MSG_DELRULE, 0, table, change.Chain).Bytes(nf_tables.NFTA_RULE_HANDLE, Handle(change.Rule!))],
    };

    private static RequestWriter NewRule(int flags, NftTable table, FilterRule rule, FilterRule? before = null)
    {
        var request = Rule(nf_tables.NFT_MSG_NEWRULE, flags, table, rule.Chain);
        if (before is not null)
            request.Bytes(nf_tables.NFTA_RULE_POSITION, Handle(before));
        FilterRuleForm.Write(request, rule);
        return request;
    }

    private static RequestWriter Rule(ushort message, int flags, NftTable table, string chain) =>
        Request(message, flags, table).Text(nf_tables.NFTA_RULE_TABLE, table.Name).Text(nf_tables.NFTA_RULE_CHAIN, chain);

    private static byte[] Handle(FilterRule rule)
    {
        var handle = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(handle, rule.Handle);
        return handle;
    }
}

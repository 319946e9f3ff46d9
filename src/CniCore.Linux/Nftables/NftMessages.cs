using System.Buffers.Binary;
using CniCore.Linux.Interop;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>The messages of nf_tables (linux/netfilter/nf_tables.h), and what they consist of.</summary>
internal static class NftMessages
{
    private const int ElementsOfMessage = 100;

    public static RequestWriter BatchBegin() => Bound(nf_tables.NFNL_MSG_BATCH_BEGIN);

    public static RequestWriter BatchEnd() => Bound(nf_tables.NFNL_MSG_BATCH_END);

    public static ushort TypeOf(ushort message) => (ushort)((nf_tables.NFNL_SUBSYS_NFTABLES << 8) | message);

    public static RequestWriter Request(ushort message, int flags, NftTable table) => RequestWriter.For(
        TypeOf(message),
        (ushort)flags,
        new nfgenmsg { nfgen_family = table.Family, version = nfnetlink.NFNETLINK_V0 });

    public static RequestWriter Chain(ushort message, int flags, NftTable table, string chain) =>
        Request(message, flags, table).Text(nf_tables.NFTA_CHAIN_TABLE, table.Name).Text(nf_tables.NFTA_CHAIN_NAME, chain);

    public static RequestWriter Rule(ushort message, int flags, NftTable table, string chain) =>
        Request(message, flags, table).Text(nf_tables.NFTA_RULE_TABLE, table.Name).Text(nf_tables.NFTA_RULE_CHAIN, chain);

    public static RequestWriter ElementMessage(ushort message, int flags, NftTable table, SetElement element) =>
        ElementMessages(message, flags, table, [element])[0];

    public static RequestWriter NewTable(NftTable table, int flags) =>
        Request(nf_tables.NFT_MSG_NEWTABLE, rtnl.NLM_F_CREATE | flags, table).Text(nf_tables.NFTA_TABLE_NAME, table.Name);

    public static RequestWriter DeleteTable(NftTable table) =>
        Request(nf_tables.NFT_MSG_DELTABLE, 0, table).Text(nf_tables.NFTA_TABLE_NAME, table.Name);

    public static RequestWriter DeleteChain(NftTable table, string chain) => Chain(nf_tables.NFT_MSG_DELCHAIN, 0, table, chain);

    public static RequestWriter DeleteRules(NftTable table, string chain) => Rule(nf_tables.NFT_MSG_DELRULE, 0, table, chain);

    // Any number that is unique within the transaction. The byte order is for nft, which sorts by it.
    public static RequestWriter NewSet(NftTable table, NftSet set, int id)
    {
        var request = Request(nf_tables.NFT_MSG_NEWSET, rtnl.NLM_F_CREATE, table)
            .Text(nf_tables.NFTA_SET_TABLE, table.Name)
            .Text(nf_tables.NFTA_SET_NAME, set.Name)
            .NetworkInt32(nf_tables.NFTA_SET_ID, id)
            .NetworkInt32(nf_tables.NFTA_SET_FLAGS, set.Flags)
            .NetworkInt32(nf_tables.NFTA_SET_KEY_TYPE, (int)ElementType.NumberOf(set.Key))
            .NetworkInt32(nf_tables.NFTA_SET_KEY_LEN, set.KeyLength);
        if (set.Value.Count > 0)
            request.NetworkInt32(nf_tables.NFTA_SET_DATA_TYPE, (int)ElementType.NumberOf(set.Value))
                .NetworkInt32(nf_tables.NFTA_SET_DATA_LEN, set.IsVerdictMap ? 0 : set.ValueLength);
        if (set.IsInterval && set.Key.Count > 1)
        {
            using (request.Nest(nf_tables.NFTA_SET_DESC))
            using (request.Nest(nf_tables.NFTA_SET_DESC_CONCAT))
            {
                foreach (var part in set.Key)
                {
                    using (request.Nest(nf_tables.NFTA_LIST_ELEM))
                        request.NetworkInt32(nf_tables.NFTA_SET_FIELD_LEN, part.Length);
                }
            }
        }
        return request.Bytes(
            nf_tables.NFTA_SET_USERDATA,
            [
                .. UserData.Number(nf_tables.NFTNL_UDATA_SET_KEYBYTEORDER, OrderOf(set.Key)),
                .. set.Value.Count > 0 && !set.IsVerdictMap
                    ? UserData.Number(nf_tables.NFTNL_UDATA_SET_DATABYTEORDER, OrderOf(set.Value))
                    : [],
            ]);
    }

    public static RequestWriter NewChain(NftTable table, NftChain chain)
    {
        var request = Chain(nf_tables.NFT_MSG_NEWCHAIN, rtnl.NLM_F_CREATE, table, chain.Name);
        if (chain.Hook is not { } hook)
            return request;
        using (request.Nest(nf_tables.NFTA_CHAIN_HOOK))
            request.NetworkInt32(nf_tables.NFTA_HOOK_HOOKNUM, hook.Number).NetworkInt32(nf_tables.NFTA_HOOK_PRIORITY, hook.Priority);
        return request
            .NetworkInt32(nf_tables.NFTA_CHAIN_POLICY, hook.Drops ? nf_tables.NF_DROP : nf_tables.NF_ACCEPT)
            .Text(nf_tables.NFTA_CHAIN_TYPE, hook.Type);
    }

    public static RequestWriter NewRule(NftTable table, string chain, NftRule rule)
    {
        var request = Rule(nf_tables.NFT_MSG_NEWRULE, rtnl.NLM_F_CREATE | rtnl.NLM_F_APPEND, table, chain);
        rule.Write(request, table);
        return request;
    }

    /// <summary>A rule of iptables' filter table, before another one or at the head of its chain.</summary>
    public static RequestWriter InsertRule(NftTable table, FilterRule rule, FilterRule? before)
    {
        var request = Rule(nf_tables.NFT_MSG_NEWRULE, rtnl.NLM_F_CREATE, table, rule.Chain);
        if (before is not null)
            request.Bytes(nf_tables.NFTA_RULE_POSITION, Handle(before));
        FilterRuleForm.Write(request, rule);
        return request;
    }

    public static RequestWriter AppendRule(NftTable table, FilterRule rule)
    {
        var request = Rule(nf_tables.NFT_MSG_NEWRULE, rtnl.NLM_F_CREATE | rtnl.NLM_F_APPEND, table, rule.Chain);
        FilterRuleForm.Write(request, rule);
        return request;
    }

    public static RequestWriter DeleteRule(NftTable table, FilterRule rule) =>
        Rule(nf_tables.NFT_MSG_DELRULE, 0, table, rule.Chain).Bytes(nf_tables.NFTA_RULE_HANDLE, Handle(rule));

    public static IEnumerable<RequestWriter> NewElements(NftTable table, IEnumerable<SetElement> elements) =>
        elements.GroupBy(element => element.IsShared).SelectMany(alike => ElementMessages(
            nf_tables.NFT_MSG_NEWSETELEM,
            alike.Key ? rtnl.NLM_F_CREATE : rtnl.NLM_F_CREATE | rtnl.NLM_F_EXCL,
            table,
            alike));

    public static IEnumerable<RequestWriter> DeleteElements(NftTable table, IEnumerable<SetElement> elements) =>
        ElementMessages(nf_tables.NFT_MSG_DELSETELEM, 0, table, elements);

    private static RequestWriter Bound(ushort type) =>
        RequestWriter.For(type, 0, new nfgenmsg
        {
            version = nfnetlink.NFNETLINK_V0,
            res_id = BinaryPrimitives.ReverseEndianness(nf_tables.NFNL_SUBSYS_NFTABLES)
        });

    private static int OrderOf(IReadOnlyList<ElementType> types) => types switch
    {
        [{ IsHostOrder: true }] => 1,
        [_] => 2,
        _ => 0,
    };

    // Many in one message: each error is a separate answer, and a list is limited by the type of its length.
    private static List<RequestWriter> ElementMessages(ushort message, int flags, NftTable table, IEnumerable<SetElement> elements)
    {
        var messages = new List<RequestWriter>();
        foreach (var alike in elements.GroupBy(element => element.Set, StringComparer.Ordinal))
        {
            foreach (var chunk in alike.Chunk(ElementsOfMessage))
            {
                var request = Request(message, flags, table).Text(nf_tables.NFTA_SET_ELEM_LIST_TABLE, table.Name)
                    .Text(nf_tables.NFTA_SET_ELEM_LIST_SET, alike.Key);
                using (request.Nest(nf_tables.NFTA_SET_ELEM_LIST_ELEMENTS))
                {
                    foreach (var element in chunk)
                        Write(request, element);
                }
                messages.Add(request);
            }
        }
        return messages;
    }

    private static void Write(RequestWriter request, SetElement element)
    {
        using (request.Nest(nf_tables.NFTA_LIST_ELEM))
        {
            if (element.IsEnd)
                request.NetworkInt32(nf_tables.NFTA_SET_ELEM_FLAGS, nf_tables.NFT_SET_ELEM_INTERVAL_END);
            Write(request, nf_tables.NFTA_SET_ELEM_KEY, element.Key);
            if (element.KeyEnd is { } end)
                Write(request, nf_tables.NFTA_SET_ELEM_KEY_END, end);
            if (element.Value is { } value)
                Write(request, nf_tables.NFTA_SET_ELEM_DATA, value);
            if (element.Verdict is { } verdict)
            {
                using (request.Nest(nf_tables.NFTA_SET_ELEM_DATA))
                using (request.Nest(nf_tables.NFTA_DATA_VERDICT))
                    request.NetworkInt32(nf_tables.NFTA_VERDICT_CODE, verdict.IsGoto ? nf_tables.NFT_GOTO : nf_tables.NFT_JUMP)
                        .Text(nf_tables.NFTA_VERDICT_CHAIN, verdict.Chain);
            }
            if (element.Comment.Length > 0)
                request.Bytes(nf_tables.NFTA_SET_ELEM_USERDATA, UserData.Comment(nf_tables.NFTNL_UDATA_SET_ELEM_COMMENT, element.Comment));
        }
    }

    private static void Write(RequestWriter request, ushort attribute, byte[] value)
    {
        using (request.Nest(attribute))
            request.Bytes(nf_tables.NFTA_DATA_VALUE, value);
    }

    private static byte[] Handle(FilterRule rule)
    {
        var handle = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(handle, rule.Handle);
        return handle;
    }
}

using System.Runtime.InteropServices;
using CniCore.Linux.Interop;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>Whole tables, read and written again.</summary>
public sealed partial class NftSocket
{
    // What the kernel says of an object that is there, and is not told of one that is to be (nf_tables_fill_set_info, _chain_info, _rule_info).
    private static readonly HashSet<ushort> OfSets =
    [
        nf_tables.NFTA_SET_TABLE, nf_tables.NFTA_SET_NAME, nf_tables.NFTA_SET_FLAGS, nf_tables.NFTA_SET_KEY_TYPE, nf_tables.NFTA_SET_KEY_LEN, nf_tables.NFTA_SET_DATA_TYPE,
        nf_tables.NFTA_SET_DATA_LEN, nf_tables.NFTA_SET_POLICY, nf_tables.NFTA_SET_DESC, nf_tables.NFTA_SET_USERDATA,
    ];

    private static readonly HashSet<ushort> OfChains =
        [nf_tables.NFTA_CHAIN_TABLE, nf_tables.NFTA_CHAIN_NAME, nf_tables.NFTA_CHAIN_HOOK, nf_tables.NFTA_CHAIN_POLICY, nf_tables.NFTA_CHAIN_TYPE, nf_tables.NFTA_CHAIN_FLAGS];

    private static readonly HashSet<ushort> OfRules = [nf_tables.NFTA_RULE_TABLE, nf_tables.NFTA_RULE_CHAIN, nf_tables.NFTA_RULE_EXPRESSIONS, nf_tables.NFTA_RULE_USERDATA];

    /// <summary>A table as it stands, but for its elements; null where it is not there.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keep">Which of its chains are meant, by their names.</param>
    internal TableImage? ReadImage(NftTable table, Func<string, bool> keep)
    {
        var sets = Parts(nf_tables.NFT_MSG_GETSET, nf_tables.NFTA_SET_TABLE, nf_tables.NFTA_SET_NAME, OfSets, table);
        var chains = Parts(nf_tables.NFT_MSG_GETCHAIN, nf_tables.NFTA_CHAIN_TABLE, nf_tables.NFTA_CHAIN_NAME, OfChains, table).Where(chain => keep(chain.Name)).ToList();
        var rules = Parts(nf_tables.NFT_MSG_GETRULE, nf_tables.NFTA_RULE_TABLE, nf_tables.NFTA_RULE_CHAIN, OfRules, table).Where(rule => keep(rule.Name));
        return chains.Count == 0 ? null : new(
            [
                .. sets.Select(set => (nf_tables.NFT_MSG_NEWSET, set.Attributes)),
                .. chains.Select(chain => (nf_tables.NFT_MSG_NEWCHAIN, chain.Attributes)),
                .. rules.Select(rule => (nf_tables.NFT_MSG_NEWRULE, rule.Attributes)),
            ],
            chains.Select(chain => chain.Name).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Makes a table from its image, with these elements: all of it or nothing. One that is there already is a fault.</summary>
    internal void Create(NftTable table, TableImage image, IEnumerable<SetElement> elements)
    {
        var set = 0;
        Commit(
            [
                Request(nf_tables.NFT_MSG_NEWTABLE, rtnl.NLM_F_CREATE | rtnl.NLM_F_EXCL, table).Text(nf_tables.NFTA_TABLE_NAME, table.Name),
                .. image.Parts.Select(part => part.Message == nf_tables.NFT_MSG_NEWSET
                    ? Part(part).NetworkInt32(nf_tables.NFTA_SET_ID, ++set) // any number of its own, within the transaction
                    : Part(part)),
                .. NewElements(table, elements),
            ],
            $"making the table {table}");

        RequestWriter Part((ushort Message, byte[] Attributes) part) => Request(part.Message, rtnl.NLM_F_CREATE | rtnl.NLM_F_APPEND, table).Raw(part.Attributes);
    }

    // Of chains the kernel tells those of all tables.
    private IEnumerable<PartOfTable> Parts(ushort message, ushort ofTable, ushort ofName, HashSet<ushort> kept, NftTable table) => (DumpOrNothing(
        () => Request(message, rtnl.NLM_F_DUMP, table).Text(ofTable, table.Name),
        body => ReadPart(body, ofTable, ofName, kept),
        $"listing the table {table}") ?? []).Where(part => part.Table == table.Name);

    private static PartOfTable ReadPart(ReadOnlySpan<byte> body, ushort ofTable, ushort ofName, HashSet<ushort> kept)
    {
        var part = new PartOfTable("", "", []);
        var writer = new RequestWriter(0, 0);
        var attributes = new AttributeReader(body[Marshal.SizeOf<nfgenmsg>()..]);
        while (attributes.Next())
        {
            if (attributes.Type == ofTable)
                part = part with { Table = attributes.Text };
            if (attributes.Type == ofName)
                part = part with { Name = attributes.Text };
            if (kept.Contains(attributes.Type))
                writer.Bytes(attributes.Type, attributes.Value);
        }
        return part with { Attributes = writer.Body };
    }

    private sealed record PartOfTable(string Table, string Name, byte[] Attributes);
}

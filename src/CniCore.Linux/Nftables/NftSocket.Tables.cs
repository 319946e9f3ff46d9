using System.Globalization;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;
using CniCore.Linux.Netlink;
using static CniCore.Linux.Nftables.NftMessages;

namespace CniCore.Linux.Nftables;

/// <summary>Reads, writes and removes whole tables.</summary>
public sealed partial class NftSocket
{
    private const int Attempts = 10;

    /// <summary>The existing tables of the families that <see cref="NftTable"/> knows.</summary>
    public IReadOnlyList<NftTable> Tables() =>
    [
        .. (DumpOrNothing(
            () => RequestWriter.For(TypeOf(nf_tables.NFT_MSG_GETTABLE), rtnl.NLM_F_DUMP, new nfgenmsg { version = nfnetlink.NFNETLINK_V0 }),
            body => new Named(body[0], TextOf(body, nf_tables.NFTA_TABLE_NAME)),
            "listing the tables") ?? []).Select(table => new NftTable(table.Family, table.Name)).Where(table => table.IsKnown),
    ];

    /// <summary>Replaces a table in one transaction: no packet passes in between.</summary>
    /// <exception cref="NetlinkException">The kernel refuses; nothing has changed.</exception>
    public void Replace(TableDefinition table)
    {
        ArgumentNullException.ThrowIfNull(table);
        Commit(new NftTransaction(table.Table).Replace(table), "writing");
    }

    /// <summary>Removes a table with its content. Idempotent.</summary>
    public void Delete(NftTable table)
    {
        try
        {
            if (HasTable(table)) // a refused transaction costs about 10 ms
                Commit(new NftTransaction(table).Delete(), "removing");
        }
        catch (NetlinkException fault) when (fault.Errno == ENOENT)
        {
            // Somebody else removed it first.
        }
    }

    /// <summary>Reads a table; null if it does not exist. Repeats if the table changes meanwhile.</summary>
    /// <param name="table">The table.</param>
    /// <param name="withElements">Whether to read the elements of its sets.</param>
    public TableDefinition? Read(NftTable table, bool withElements = true)
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = Generation();
            var found = HasTable(table) ? ReadOnce(table, withElements) : null;
            if (Generation() == before || attempt == Attempts)
                return found;
        }
    }

    /// <summary>The number of transactions so far; it shows whether something has changed.</summary>
    public string Generation() => socket.Find(
        RequestWriter.For(TypeOf(nf_tables.NFT_MSG_GETGEN), rtnl.NLM_F_ACK, new nfgenmsg { version = nfnetlink.NFNETLINK_V0 }),
        body => NumberOf(body, nf_tables.NFTA_GEN_ID).ToString(CultureInfo.InvariantCulture),
        "asking for the rules' generation") ?? "";

    // The kernel lists the chains of all tables; an older kernel, also the rules and sets of all tables.
    private TableDefinition ReadOnce(NftTable table, bool withElements)
    {
        var sets = Dump(nf_tables.NFT_MSG_GETSET, nf_tables.NFTA_SET_TABLE, table, ReadSet);
        var rules = Dump(nf_tables.NFT_MSG_GETRULE, nf_tables.NFTA_RULE_TABLE, table, ReadRule)
            .ToLookup(rule => rule.Chain, rule => rule.Rule);
        return new(table)
        {
            Sets = [.. sets.Select(set => withElements ? set.WithElementsOfKernel(Elements(table, set.Name) ?? []) : set)],
            Chains =
            [
                .. Dump(nf_tables.NFT_MSG_GETCHAIN, nf_tables.NFTA_CHAIN_TABLE, table, ReadChain).Select(found =>
                {
                    var chain = new NftChain(found.Name, found.Hook);
                    foreach (var rule in rules[found.Name])
                        chain.Add(rule);
                    return chain;
                }),
            ],
        };
    }

    private List<T> Dump<T>(ushort message, ushort ofTable, NftTable table, MessageReader<T> read) where T : class => DumpOrNothing(
        () => Request(message, rtnl.NLM_F_DUMP, table).Text(ofTable, table.Name),
        body => TextOf(body, ofTable) == table.Name ? read(body) : null,
        $"listing the table {table}") ?? [];

    private static NftSet ReadSet(ReadOnlySpan<byte> body)
    {
        var flags = NumberOf(body, nf_tables.NFTA_SET_FLAGS);
        var value = (flags & nf_tables.NFT_SET_MAP) != 0 ? ElementType.OfNumber((uint)NumberOf(body, nf_tables.NFTA_SET_DATA_TYPE)) : [];
        return new(TextOf(body, nf_tables.NFTA_SET_NAME), ElementType.OfNumber((uint)NumberOf(body, nf_tables.NFTA_SET_KEY_TYPE)), value)
        {
            IsInterval = (flags & nf_tables.NFT_SET_INTERVAL) != 0,
        };
    }

    private static FoundRule ReadRule(ReadOnlySpan<byte> body)
    {
        var comment = UserData.TextOf(Attribute(body, nf_tables.NFTA_RULE_USERDATA), nf_tables.NFTNL_UDATA_RULE_COMMENT);
        var instructions = NftInstruction.Read(Attribute(body, nf_tables.NFTA_RULE_EXPRESSIONS));
        return new(TextOf(body, nf_tables.NFTA_RULE_CHAIN),
            new([.. instructions.Select(instruction => new NftStatement(instruction.ToString(), [instruction]))], comment));
    }

    private static NftChain ReadChain(ReadOnlySpan<byte> body)
    {
        var hook = Attribute(body, nf_tables.NFTA_CHAIN_HOOK);
        if (hook.IsEmpty)
            return new(TextOf(body, nf_tables.NFTA_CHAIN_NAME));
        var (number, priority) = (0, 0);
        var fields = new AttributeReader(hook);
        while (fields.Next())
        {
            if (fields.Type == nf_tables.NFTA_HOOK_HOOKNUM)
                number = fields.NetworkInt32;
            else if (fields.Type == nf_tables.NFTA_HOOK_PRIORITY)
                priority = fields.NetworkInt32;
        }
        var drops = NumberOf(body, nf_tables.NFTA_CHAIN_POLICY) == nf_tables.NF_DROP;
        return new(TextOf(body, nf_tables.NFTA_CHAIN_NAME),
            new(TextOf(body, nf_tables.NFTA_CHAIN_TYPE), NftHook.PointOf(number), priority, drops));
    }

    private static ReadOnlySpan<byte> Attribute(ReadOnlySpan<byte> body, ushort type)
    {
        var fields = new AttributeReader(body[Marshal.SizeOf<nfgenmsg>()..]);
        while (fields.Next())
        {
            if (fields.Type == type)
                return fields.Value;
        }
        return default;
    }

    private static string TextOf(ReadOnlySpan<byte> body, ushort type) =>
        System.Text.Encoding.UTF8.GetString(Attribute(body, type).TrimEnd((byte)0));

    private static int NumberOf(ReadOnlySpan<byte> body, ushort type) =>
        Attribute(body, type) is { Length: sizeof(int) } value ? System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(value) : 0;

    private sealed record Named(byte Family, string Name);

    private sealed record FoundRule(string Chain, NftRule Rule);
}
